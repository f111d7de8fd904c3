import { randomBytes } from "node:crypto";

/**
 * The Message-ID of one mail, its angle brackets included. The random half is known only to whoever saw the mail, which
 * is what a bounce is believed by: the id alone grows with time and could be guessed.
 */
export const newMessageId = (mailId: string, domain: string): string =>
  `<${mailId}.${randomBytes(16).toString("hex")}@${domain}>`;
