/** Why a webhook URL is refused before anything is sent; the console translates these. */
export const urlProblems = [
  "too_long",
  "malformed",
  "not_https",
  "credentials",
  "fragment",
  "private_target",
] as const;
export type UrlProblem = (typeof urlProblems)[number];

export type UrlVerdict =
  | { ok: true; url: URL }
  | { ok: false; problem: UrlProblem; message: string };

/** A webhook URL is at most this long (docs/platform.md#transport). */
export const webhookUrlLengthMax = 500;
