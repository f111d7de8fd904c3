import { z } from "zod";

const Emails = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

/** The primary address of a GitHub account, if GitHub has verified it (`GET /user/emails`); else null. */
export function verifiedPrimary(answer: unknown): string | null {
  const emails = Emails.safeParse(answer);
  if (!emails.success) return null;
  return emails.data.find(({ primary, verified }) => primary && verified)?.email ?? null;
}
