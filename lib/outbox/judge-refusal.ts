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
 * somebody else makes the whole doubtful at best. RFC 5321 4.2.3: 550 also means "rejected for policy reasons"; RFC 7504 4: 556, that
 * the domain takes no mail.
 */
export function judgeRefusal(answer: string): Refusal {
  const codes = codesOf(answer);
  if (codes.length > 0)
    return codes.every((code) => aboutRecipient.test(code)) ? "address" : "sender";
  const isPlain = /^55[0136](\D|$)/.test(linesOf(answer)[0] ?? "");
  return isPlain && !aboutOthers.test(answer) ? "doubtful" : "sender";
}

/**
 * RFC 3463 3.3, 3.4 and 3.7: too long for the mailbox or for the system, or of a kind that the server does not take. 5.6.0
 * says nothing of these.
 */
const aboutContent = /^5\.(2\.3|3\.4|6\.[1-9]\d{0,2})$/;
/** RFC 3463 3.2 and 3.8, RFC 7372: the sender's address, its right to send, its signatures, the server's policy. */
const aboutSender = /^5\.(1\.[78]|7\.\d{1,3})$/;
const aboutSize = /\b(size|too (big|large|long))\b/i;

/**
 * Judges a final answer to DATA, or to a message that was sent. RFC 5321 4.2.3: 554 to DATA also stands for "rejected for
 * policy reasons", 552 for too large. Every line counts, codes before words, and what names neither is about the message.
 */
export function judgeContentRefusal(answer: string): "sender" | "message" {
  const codes = codesOf(answer);
  if (codes.some((code) => aboutSender.test(code))) return "sender";
  if (isAboutContent(answer) || aboutSize.test(answer)) return "message";
  return aboutOthers.test(answer) ? "sender" : "message";
}

/**
 * Whether a final answer to MAIL FROM, or to RCPT where it has a code, is about what the mail holds: most often its size,
 * which is announced with the sender (RFC 1870 6.1).
 */
export function isAboutContent(answer: string): boolean {
  const codes = codesOf(answer).filter((code) => code !== "5.0.0");
  return codes.length > 0 && codes.every((code) => aboutContent.test(code));
}

const linesOf = (answer: string): string[] =>
  answer.split(/\r?\n/).filter((line) => line.trim() !== "");

const codesOf = (answer: string): string[] =>
  linesOf(answer).flatMap((line) => enhancedCodeOf(line) ?? []);

/** RFC 2034: right behind the reply code, and nowhere else, since a text may hold an address of four numbers. */
export const enhancedCodeOf = (line: string): string | undefined =>
  /^(?:\d{3}[ -])?\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(line.trim())?.[1];
