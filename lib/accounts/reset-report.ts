import type { EndedAccess, KeptAccess, SignInProviderId } from "./schema.ts";
import { signInProviderIds } from "./schema.ts";

// What a new password ended and left travels to the page after it in the address: words of a list, never what anybody typed.

const endedWords = [
  "email_change",
  "second_factor_offer",
  "sign_in_begun",
  "link_begun",
  "invitations",
  ...signInProviderIds,
] as const;
const keptWords = [
  "second_factor",
  "invitations",
  "channel_tokens",
  "platform_keys",
  ...signInProviderIds,
] as const;
type EndedWord = (typeof endedWords)[number];
type KeptWord = (typeof keptWords)[number];

export type ResetReport = { ended: EndedWord[]; kept: KeptWord[] };

/** The query of the page to sign in at, with the question mark. */
export function reportQuery(outcome: {
  ended: readonly EndedAccess[];
  kept: readonly KeptAccess[];
}): string {
  const query = new URLSearchParams({ done: "reset" });
  for (const word of wordsOf(outcome.ended)) query.append("ended", word);
  for (const word of wordsOf(outcome.kept)) query.append("kept", word);
  return `?${query}`;
}

/** What ended, or stays, in words of the lists. */
export const wordsOf = (listed: readonly (EndedAccess | KeptAccess)[]): string[] =>
  listed.map((one) => (one.what === "provider" ? one.detail : one.what));

type Given = string | readonly string[] | undefined;

/** Whatever is no word of the lists is passed over: anybody can write an address. */
export function readReport(search: { ended?: Given; kept?: Given }): ResetReport {
  const given = (value: Given): readonly string[] =>
    typeof value === "string" ? [value] : (value ?? []);
  return {
    ended: endedWords.filter((word) => given(search.ended).includes(word)),
    kept: keptWords.filter((word) => given(search.kept).includes(word)),
  };
}

export const isProvider = (word: string): word is SignInProviderId =>
  signInProviderIds.some((id) => id === word);
