import { isIP } from "node:net";
import { setTimeout } from "node:timers/promises";
import { ImapFlow, type MessageStructureObject } from "imapflow";
import type { Pool } from "pg";
import type { ReadingMark } from "#lib/outbox/bounce-mailbox.ts";
import {
  readDeliveryStatus,
  readMessageId,
  type StatusReport,
} from "#lib/outbox/delivery-status.ts";
import { type RecordedBounce, recordBounce } from "#lib/outbox/record-bounce.ts";
import { poolTime } from "#lib/time/database-time.ts";

export type BounceMailbox = {
  /** `imaps://user:password@host/FOLDER`, or `imap://` with STARTTLS; INBOX without a folder. */
  url: string;
  /** PEM, see trustedAuthorities. */
  ca: string | undefined;
};

/** What became of a look into the mailbox; `leftOut`: what could not be read or recorded, and is not looked at again. */
export type ReadMailbox = { mark: ReadingMark; bounces: RecordedBounce[]; leftOut: LeftOut[] };

/** A message of the mailbox; `messageId`: of the mail of ours that it names, where it came that far. */
export type LeftOut = { uid: number; messageId: string | null; error: unknown };

/** Messages looked at in one go, and the age above which nobody needs them any more. */
const messagesMax = 200;
const daysMax = 7;
/** What a notification tells by lies in its first bytes. */
const partBytesMax = 64 * 1024;
const recordPauseMs = 500;

/**
 * Reads what came into the mailbox since `mark`, oldest first, and records what is a delivery status notification about
 * a mail of ours. Changes nothing in the mailbox: people may read it too, and empty it as they like. A message that fails
 * holds up none of the others.
 * @throws Error when the mailbox cannot be read.
 */
export async function readBounces(
  pool: Pool,
  mailbox: BounceMailbox,
  mark: ReadingMark,
): Promise<ReadMailbox> {
  const client = openClient(mailbox);
  try {
    await client.connect();
    const folder = await client.mailboxOpen(folderOf(mailbox.url), { readOnly: true });
    const { uidValidity } = folder;
    const from = uidValidity === mark.uidValidity ? mark.lastUid : 0n;
    const uids = await listNew(client, from, await poolTime(pool));
    const read = await readEach(pool, client, uids.slice(0, messagesMax));
    const isAll = uids.length <= messagesMax;
    const lastUid = isAll ? folder.uidNext - 1 : (uids[messagesMax - 1] ?? 0);
    return { mark: { uidValidity, lastUid: BigInt(lastUid) }, ...read };
  } finally {
    client.close();
  }
}

/** `imap://` may go without TLS to this machine alone. */
function openClient({ url, ca }: BounceMailbox): ImapFlow {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "imaps:";
  const client = new ImapFlow({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (secure ? 993 : 143),
    secure,
    ...(secure || isLoopback(hostname) ? {} : { doSTARTTLS: true }),
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    ...(ca === undefined ? {} : { tls: { ca } }),
    logger: false,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  });
  // Told by what was asked at that moment, too; unheard, it would end the process.
  client.on("error", () => undefined);
  return client;
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));

export function folderOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || "INBOX";
}

async function listNew(client: ImapFlow, after: bigint, now: Date): Promise<number[]> {
  const since = new Date(now.getTime() - daysMax * 24 * 3_600_000);
  const found = await client.search({ uid: `${after + 1n}:*`, since }, { uid: true });
  // The client says so instead of throwing. Taken for "nothing new", what is there would never be read.
  if (found === false || found === undefined) throw new Error("The mailbox could not be searched.");
  // `n:*` always names the newest message, also one below n (RFC 9051 6.4.8).
  return found.filter((uid) => BigInt(uid) > after).toSorted((a, b) => a - b);
}

async function readEach(
  pool: Pool,
  client: ImapFlow,
  uids: readonly number[],
): Promise<Omit<ReadMailbox, "mark">> {
  const bounces: RecordedBounce[] = [];
  const leftOut: LeftOut[] = [];
  for (const uid of uids) {
    let messageId: string | null = null;
    try {
      const told = await readOne(client, uid);
      if (told === null) continue;
      messageId = told.messageId;
      const bounce = await recordTwice(pool, told);
      if (bounce !== null) bounces.push(bounce);
    } catch (error) {
      // Without the connection it is about all that is still to be read.
      if (!client.usable) throw error;
      leftOut.push({ uid, messageId, error });
    }
  }
  return { bounces, leftOut };
}

type Told = { messageId: string; reports: StatusReport[] };

/** What was a trouble of the moment, such as a deadlock, is over the next time. */
async function recordTwice(
  pool: Pool,
  { messageId, reports }: Told,
): Promise<RecordedBounce | null> {
  try {
    return await recordBounce(pool, messageId, reports);
  } catch {
    await setTimeout(recordPauseMs);
    return recordBounce(pool, messageId, reports);
  }
}

/** Null: it is no notification about a mail of ours. */
async function readOne(client: ImapFlow, uid: number): Promise<Told | null> {
  const message = await client.fetchOne(String(uid), { bodyStructure: true }, { uid: true });
  if (message === false || message.bodyStructure === undefined) return null;
  const parts = partsOf(message.bodyStructure);
  const status = parts.find(({ type }) => type === "message/delivery-status");
  const returned = parts.find(
    ({ type }) => type === "message/rfc822" || type === "text/rfc822-headers",
  );
  if (status?.part === undefined || returned?.part === undefined) return null;
  const header =
    returned.type === "message/rfc822"
      ? await readHeader(client, uid, returned.part)
      : await readPart(client, uid, returned.part);
  const messageId = readMessageId(header);
  if (messageId === null) return null;
  const reports = readDeliveryStatus(await readPart(client, uid, status.part));
  return { messageId, reports };
}

/** Depth first, not into returned messages: what these hold is not about them. */
function partsOf(node: MessageStructureObject): MessageStructureObject[] {
  const children = node.type.startsWith("multipart/") ? (node.childNodes ?? []) : [];
  return [node, ...children.flatMap(partsOf)];
}

async function readHeader(client: ImapFlow, uid: number, part: string): Promise<string> {
  const key = `${part}.HEADER`;
  const query = { bodyParts: [{ key, start: 0, maxLength: partBytesMax }] };
  const message = await client.fetchOne(String(uid), query, { uid: true });
  if (message === false) return "";
  return message.bodyParts?.get(key.toLowerCase())?.toString("latin1") ?? "";
}

/** Decoded. */
async function readPart(client: ImapFlow, uid: number, part: string): Promise<string> {
  const { content } = await client.download(String(uid), part, {
    uid: true,
    maxBytes: partBytesMax,
  });
  if (content === undefined) return "";
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("latin1");
}
