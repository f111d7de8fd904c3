import type { ServerIdentity } from "#e2e/servers/certificates.ts";
import type { RootFolder } from "./root-folder.ts";

/** What every server is set up as: the mail server of a house, which the product is given as SMTP_URL. */
export type House = {
  root: RootFolder;
  port: number;
  /** Its certificate, which nobody signed. */
  identity: ServerIdentity;
  /** Where it hands mails for remote.example on to. */
  remotePort: number;
};

/** Domains: mail.example is the product's own, example.com has people, remote.example is behind another server. */
export const localDomains = ["example.com", "mail.example"] as const;
/** Who has a mailbox. `tocsin@mail.example` is MAIL_FROM, and where bounces come to. */
export const people = ["here", "also", "tocsin"] as const;

/** Puts mails of these into `/var/mail/<name>/new`. */
export type MailServerKind = {
  name: string;
  program: string;
  start: (house: House) => Promise<void>;
  /** For a failed situation. */
  log: (root: RootFolder) => Promise<string>;
};
