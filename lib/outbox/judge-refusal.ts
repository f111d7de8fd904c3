/** Whom a refusal of a recipient is about: see docs/notifications.md for the table. */
export type Refusal =
  /** Surely the address: nobody reads it. */
  | "address"
  /** Perhaps the address, perhaps the server's policy. */
  | "doubtful"
  /** The sender, this installation or the server's policy. */
  | "sender";

/**
 * RFC 3463 3.2 and 3.10 (RFC 7505): no such mailbox, no such domain, no valid address, moved for good, a domain that takes
 * no mail. 5.1.0 is about nothing, 5.1.4 about several mailboxes, 5.1.7 to 5.1.9 about the sender or the translation.
 */
const aboutRecipient = /^5\.1\.(1|2|3|6|10)$/;

/** What servers say without an enhanced code when it is not about the recipient: Exim, Postfix, OpenSMTPD, Exchange. */
export const aboutOthers =
  /\b(sender|relay(ing)?|authenticat\w+|policy|spam|block(ed|list)?|blacklist(ed)?|denied|dns|helo|ehlo|reverse|rdns|spf|dkim|dmarc|limit|rate)\b/i;

/**
 * Judges a final answer to RCPT, or what a delivery status notification quotes. Every line counts: one that is about
 * somebody else makes the whole doubtful at best. RFC 5321 4.2.3: 550 also means "rejected for policy reasons".
 */
export function judgeRefusal(answer: string): Refusal {
  const lines = answer.split(/\r?\n/).filter((line) => line.trim() !== "");
  const codes = lines.flatMap((line) => enhancedCodeOf(line) ?? []);
  if (codes.length > 0)
    return codes.every((code) => aboutRecipient.test(code)) ? "address" : "sender";
  const isPlain = /^55[013](\D|$)/.test(lines[0] ?? "");
  return isPlain && !aboutOthers.test(answer) ? "doubtful" : "sender";
}

/** RFC 2034: right behind the reply code, and nowhere else, since a text may hold an address of four numbers. */
export const enhancedCodeOf = (line: string): string | undefined =>
  /^(?:\d{3}[ -])?\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(line.trim())?.[1];
