import { domainToASCII } from "node:url";

/** An address that passed the grammar below: safe in an envelope and in a header. */
export type MailAddress = string & { readonly __mailAddress: true };

const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const domainPart = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * The address with its domain in lower-case punycode, or null. Stricter than RFC 5321 on purpose: no quoted local parts,
 * no comments, no address literals, exactly one `@` (mail libraries were made to misroute by each of them). It does not
 * say whether anybody reads the mailbox.
 */
export function parseMailAddress(text: string): MailAddress | null {
  const [local = "", domain = "", ...rest] = text.split("@");
  const ascii = domainToASCII(domain);
  // domainToASCII accepts what a URL's host may be; an address literal such as 127.0.0.1 is not a mail domain here.
  const valid =
    rest.length === 0 &&
    local.length <= 64 &&
    localPart.test(local) &&
    ascii.length <= 253 &&
    domainPart.test(ascii) &&
    !/^[\d.]+$/.test(ascii) &&
    !hasForbidden(domain);
  return valid ? (`${local}@${ascii}` as MailAddress) : null;
}

/** What two spellings of one address have in common: what preferences, suppressions and caps are kept by. */
export function addressKey(text: string): string {
  return (parseMailAddress(text.trim()) ?? text.trim()).toLowerCase();
}

// What domainToASCII would silently drop or read as something else.
const hasForbidden = (domain: string): boolean => /[\s\p{Cc}\p{Cf}%/\\?#:[\]<>()",;]/u.test(domain);

export type Mailbox = { name: string; address: MailAddress };

/**
 * Reads `MAIL_FROM`: `name@example.com` or `Name <name@example.com>`.
 * @throws Error naming the variable, for the start to stop with.
 */
export function parseMailbox(text: string): Mailbox {
  const [, quoted, plain, bracketed] =
    /^\s*(?:"([^"]*)"|([^"<]*?))\s*<([^<>]+)>\s*$/.exec(text) ?? [];
  const address = parseMailAddress(bracketed ?? text.trim());
  if (address === null) {
    throw new Error(
      `MAIL_FROM must be an address such as "Tocsin <tocsin@example.com>" (got ${JSON.stringify(text)}).`,
    );
  }
  return { name: (quoted ?? plain ?? "").trim(), address };
}
