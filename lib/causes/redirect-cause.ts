import type { ReadAnswer } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";

/** Paths and hosts to which a sign-in page sends people: frameworks' defaults and those of the large providers. */
const signIn =
  /(^|[/.?&=_-])(log[-_]?in|sign[-_]?in|sso|auth|oauth2?|authorize|saml|session\/new|accounts?\.google|login\.microsoftonline|cloudflareaccess)([/.?&=_-]|$)/;

/** Where a redirect wants to lead; none is followed. */
export function redirectCause(url: string, answer: ReadAnswer): LikelyCause {
  const location = answer.header("location");
  // A bot's own path may have such a word in it: only what the redirect adds counts.
  const added = URL.canParse(url) ? location.replace(url.toLowerCase(), "") : location;
  const [target = ""] = added.split("#");
  return signIn.test(target) ? "redirect_to_sign_in" : "redirect_elsewhere";
}
