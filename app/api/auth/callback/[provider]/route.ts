import { notFound } from "next/navigation";
import type { NextRequest } from "next/server";
import { postAccountMail } from "#app/account-mails.ts";
import { env } from "#lib/env.ts";
import { callbackHandlers } from "#lib/web/auth.ts";

const handlers = callbackHandlers(postAccountMail);

/**
 * Where a provider sends people back to: the only one of next-auth's endpoints that the console answers. The others would
 * start sign-ins by other sites' forms, or show the session's id to scripts.
 */
export async function GET(
  request: NextRequest,
  context: { params: Promise<{ provider: string }> },
): Promise<Response> {
  const { provider } = await context.params;
  // next-auth would write whatever stands there into the log, as a defect.
  if (!env().signInProviders.some(({ id }) => id === provider)) notFound();
  return handlers.GET(request);
}
