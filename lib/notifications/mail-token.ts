import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { keysOf } from "#lib/sealing.ts";

/** What a link of a mail stands for. `address` is an `addressKey`. */
const MailLink = z.discriminatedUnion("kind", [
  /** Ends the mails of one channel to one address. */
  z.object({ kind: z.literal("channel"), channelId: z.string(), address: z.string() }),
  /** Ends the mails of every channel that one digest told of: `channels` (ids, with dots between), else those of its notices. */
  z.object({
    kind: z.literal("digest"),
    mailId: z.uuid(),
    address: z.string(),
    channels: z.string().optional(),
  }),
  /** Ends the weekly digest. */
  z.object({ kind: z.literal("weekly"), address: z.string() }),
  /** Says that a channel's address takes its mails. `until` in milliseconds. */
  z.object({
    kind: z.literal("confirm"),
    channelId: z.string(),
    address: z.string(),
    until: z.number(),
  }),
]);
export type MailLink = z.infer<typeof MailLink>;
export type UnsubscribeLink = Exclude<MailLink, { kind: "confirm" }>;

/**
 * A token that nobody can make or change without the key: `base64url(JSON).base64url(HMAC-SHA256)`. It carries its meaning,
 * so nothing is stored for it; it does not hide it, and it works for whoever has the mail.
 */
export function signMailToken(key: Buffer, link: MailLink): string {
  const text = Buffer.from(JSON.stringify(link)).toString("base64url");
  return `${text}.${mac(key, text).toString("base64url")}`;
}

/** Null for whatever was not signed with this key. */
export function readMailToken(key: Buffer, token: string): MailLink | null {
  const [text = "", signature = "", ...rest] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  // Links of mails that went out before a rotation work as long as the older key is kept.
  const isRight = keysOf(key).some((one) => isSame(given, mac(one, text)));
  if (rest.length > 0 || !isRight) return null;
  const link = MailLink.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return link.success ? link.data : null;
}

const isSame = (given: Buffer, right: Buffer): boolean =>
  given.length === right.length && timingSafeEqual(given, right);

/** The page on which mails are ended; it needs no sign-in. */
export function unsubscribeUrl(
  { baseUrl, encryptionKey }: { baseUrl: string; encryptionKey: Buffer },
  link: UnsubscribeLink,
): string {
  return `${baseUrl}/unsubscribe/${signMailToken(encryptionKey, link)}`;
}

/** A line of a mail's head has at most 998 characters (RFC 5322 section 2.1.1), and this one stands in one. */
const urlLengthMax = 880;

/**
 * The same for a digest. It carries its channels, so that it works for as long as the mail is read; those of more than some 25
 * do not fit, and such a link works while the notices of its mail are kept.
 */
export function digestUnsubscribeUrl(
  options: { baseUrl: string; encryptionKey: Buffer },
  digest: { mailId: string; address: string; channelIds: readonly string[] },
): string {
  const { mailId, address } = digest;
  const bare = { kind: "digest", mailId, address } as const;
  const channels = [...new Set(digest.channelIds)].join(".");
  const url = unsubscribeUrl(options, { ...bare, channels });
  return url.length <= urlLengthMax ? url : unsubscribeUrl(options, bare);
}

/** What a mail program posts to (RFC 8058), from the page's address. */
export const oneClickUrl = (pageUrl: string): string => `${pageUrl}/one-click`;

// A key of its own for this use, so that a token is worth nothing anywhere else.
function mac(key: Buffer, text: string): Buffer {
  const own = Buffer.from(hkdfSync("sha256", key, "", "tocsin mail tokens", 32));
  return createHmac("sha256", own).update(text).digest();
}
