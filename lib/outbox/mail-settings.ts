import type { MailSettings } from "./schema.ts";

/** The settings as notices name them, without users and passwords. */
export function mailSettings(env: {
  smtpUrl: string | undefined;
  mailFrom: string;
  bounceImapUrl?: string | undefined;
}): MailSettings {
  const hostOf = (url: string | undefined) => (url === undefined ? "" : new URL(url).host);
  return {
    server: hostOf(env.smtpUrl),
    mailFrom: env.mailFrom,
    mailbox: hostOf(env.bounceImapUrl),
  };
}
