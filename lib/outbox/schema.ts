export const mailStates = [
  "queued",
  "sending",
  "sent",
  "bounced",
  "failed",
  "kept",
  "suppressed",
  "withdrawn",
] as const;
export type MailState = (typeof mailStates)[number];

/** What a mail is: `notification` tells of one, `digest` of many; the others tell of no failure. */
export const mailKinds = [
  "notification",
  "digest",
  "weekly",
  "confirm_address",
  "application",
  "account",
] as const;
export type MailKind = (typeof mailKinds)[number];

export type RenderedMail = { html: string; text: string };

/** A mail before it is known whether its address may be written to. */
export type NewMail = RenderedMail & {
  id: string;
  kind: MailKind;
  notificationId: string | null;
  channelId: string | null;
  /** As somebody typed it. */
  address: string;
  locale: string;
  subject: string;
  messageId: string;
  /** Where a mail program ends such mails; null: it cannot. */
  unsubscribeUrl: string | null;
  /** Instead of html and text: see sealContent. */
  sealedContent: string | null;
  /** No mail server: kept for operators to read. */
  keep: boolean;
};
