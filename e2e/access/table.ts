import type { Outcome } from "./ask.ts";
import type { LinkKind } from "./links.ts";
import { isPerson, type Role, roles, type Which } from "./world.ts";

/**
 * What an address or form names: a channel; a provider; a channel as it stands in lists; a mail of anybody; what a link of a
 * mail stands for; or nothing.
 */
export type Whose = "channel" | "provider" | "listed" | "mail" | "link" | "nothing";

/** `who` may; everybody else is answered as if it were not there. */
export type Entry = {
  whose: Whose;
  who: readonly Role[];
  /** Which link, where that is what is named. */
  link?: LinkKind;
  /** What they get instead of an answer of its own. */
  answer?: Outcome;
};

const signedIn = roles.filter(isPerson);

export const open: Entry = { whose: "nothing", who: roles };
export const leadsToSignIn: Entry = { ...open, answer: "sign in" };
export const anyAccount: Entry = { whose: "nothing", who: signedIn };
export const operators: Entry = { whose: "nothing", who: ["operator"] };
export const operatorsMail: Entry = { whose: "mail", who: ["operator"] };
export const channelAdmins: Entry = { whose: "channel", who: ["channelAdmin"] };
export const channelMembers: Entry = { whose: "channel", who: ["channelAdmin", "channelMember"] };
export const channelPeople: Entry = {
  whose: "channel",
  who: ["channelAdmin", "channelMember", "channelTester"],
};
export const channelLeavers: Entry = { whose: "channel", who: ["channelMember", "channelTester"] };
export const channelListed: Entry = {
  whose: "listed",
  who: [...channelPeople.who, "providerAdmin", "operator"],
};
export const providerAdmins: Entry = { whose: "provider", who: ["providerAdmin", "operator"] };
export const providerPeople: Entry = {
  whose: "provider",
  who: signedIn.filter((role) => role !== "stranger"),
};
export const providerLeavers: Entry = { whose: "provider", who: ["providerMember"] };
/** Having the link is the permission. */
export const byLink = (link: LinkKind): Entry => ({ whose: "link", who: roles, link });

/** The places that an entry is asked for. */
export const askedFor = ({ whose }: Entry): readonly Which[] =>
  whose === "nothing" ? ["own"] : ["own", "foreign", "unknown"];

/** Operators stand to every provider that there is, and read every mail. */
const operatorsReach: readonly Whose[] = ["provider", "listed", "mail"];

export function expectation({ whose, who, answer }: Entry, role: Role, which: Which): Outcome {
  const isReached =
    which === "own" ||
    (which === "foreign" && role === "operator" && operatorsReach.includes(whose));
  if (who.includes(role) && isReached) return answer ?? "allowed";
  // A link that is over is told in the same words to everybody who may use links of its kind.
  if (whose === "link" && who.includes(role)) return "not found";
  return isPerson(role) ? "not found" : "sign in";
}
