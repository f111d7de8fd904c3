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
  /** An operator tests the mail server. */
  "server_test",
] as const;
export type MailKind = (typeof mailKinds)[number];

/** What is wrong between this installation and its mail server: mails wait until it is mended, however long. */
export const serverTroubles = ["dns", "connection", "certificate", "tls", "sign_in"] as const;
export type ServerTrouble = (typeof serverTroubles)[number];

/** What operators are told of. */
export const noticeKinds = [
  ...serverTroubles,
  /** The server refuses mails for their sender, or by its policy. */
  "sender",
  /** Several addresses were refused within minutes, so none of them is stopped. */
  "many_refused",
  /** The mailbox that bounces come to cannot be read. */
  "bounces",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** `answer` is the server's words. */
export type MailNotice = { kind: NoticeKind; since: Date; lastAt: Date; answer: string };

/** What notices call settings by: host and port of the mail server, sender, host of the bounces' mailbox. */
export type MailSettings = { server: string; mailFrom: string; mailbox: string };

/** What stood in the way of a mail's last try. */
export const mailTroubles = [
  /** The address: nobody reads it. */
  "address",
  /** The address, perhaps. */
  "doubtful",
  /** Its sender, or the server's policy. */
  "sender",
  /** What it says. */
  "message",
  /** A "not now", for more than a day. */
  "delay",
  /** See serverTroubles. */
  "server",
  /** It may have been taken. */
  "uncertain",
] as const;
export type MailTrouble = (typeof mailTroubles)[number];

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
