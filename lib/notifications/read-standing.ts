import type { Pool } from "pg";
import { poolTime } from "#lib/time/database-time.ts";
import { type Audience, findRecipients } from "./find-recipients.ts";
import { quietEnd, wasHeldSql } from "./hold.ts";
import { findNextMails } from "./next-mails.ts";
import { readApprovals } from "./read-approvals.ts";
import type { NotificationPolicy } from "./schema.ts";
import {
  errorMailTypes,
  type HeldMails,
  heldMailsOf,
  type LastMail,
  type Listening,
  lastMailOf,
  type MailBarrier,
  type MailStanding,
} from "./standing.ts";

type Client = Pick<Pool, "query">;
type Asked = { policy: NotificationPolicy; now: Date };

/** As `readMailStandings`, of one channel. */
export async function readMailStanding(
  client: Client,
  channelId: string,
  policy: NotificationPolicy,
  now?: Date,
): Promise<MailStanding> {
  const standings = await readMailStandings(client, [channelId], policy, now);
  return standings.get(channelId) ?? barred({ why: "not_applied" });
}

/**
 * How channels stand to their error mails now: whether they are sent at all, what became of the newest one, and when the next
 * comes if errors go on. As many statements whatever the number of channels. `now`: the database's clock when absent.
 */
export async function readMailStandings(
  client: Client,
  channelIds: readonly string[],
  policy: NotificationPolicy,
  now?: Date,
): Promise<Map<string, MailStanding>> {
  const asked = { policy, now: now ?? (await poolTime(client)) };
  const [approvals, audiences] = await Promise.all([
    readApprovals(client, channelIds, policy),
    findRecipients(client, channelIds),
  ]);
  const [refusals, stopped] = await Promise.all([
    readRefusals(
      client,
      channelIds.filter((id) => !approvals.has(id)),
    ),
    readStopped(client, [...audiences.values()]),
  ]);
  const listening: Listening[] = [];
  const standings = new Map<string, MailStanding>();
  for (const channelId of channelIds) {
    const approvedAt = approvals.get(channelId);
    if (approvedAt === undefined) {
      standings.set(channelId, barred(refusals.get(channelId) ?? { why: "not_applied" }));
      continue;
    }
    const found = readersOf(audiences.get(channelId), stopped);
    if ("why" in found) standings.set(channelId, barred(found));
    else listening.push({ channelId, approvedAt, readers: found.readers });
  }
  for (const [channelId, standing] of await describe(client, asked, listening)) {
    standings.set(channelId, standing);
  }
  return standings;
}

const barred = (barrier: MailBarrier): MailStanding => ({
  ...{ barrier, last: null, next: null, below: null, held: null },
});

/** Who hears of errors of a channel, or why nobody does. */
function readersOf(
  audience: Pick<Audience, "recipients" | "unsubscribed"> = { recipients: [], unsubscribed: [] },
  stopped: ReadonlySet<string>,
): Pick<Listening, "readers"> | MailBarrier {
  const reached = audience.recipients.filter(({ key }) => !stopped.has(key));
  const readers = reached.filter(({ mutedTypes }) =>
    errorMailTypes.some((type) => !mutedTypes.includes(type)),
  );
  if (readers.length > 0) return { readers };
  // Some would get them if they had not turned them off.
  const isOff = reached.length > 0 || audience.unsubscribed.some((key) => !stopped.has(key));
  return { why: isOff ? "off" : "nobody" };
}

async function describe(
  client: Client,
  asked: Asked,
  listening: readonly Listening[],
): Promise<[string, MailStanding][]> {
  if (listening.length === 0) return [];
  const [lastMails, nextMails, held] = await Promise.all([
    readLastMails(
      client,
      listening.map(({ channelId }) => channelId),
    ),
    findNextMails(client, asked, listening),
    readHeld(client, asked, listening),
  ]);
  return listening.map(({ channelId }) => {
    const last = lastMails.get(channelId) ?? null;
    const { next, below } = nextMails.get(channelId) ?? { next: null, below: null };
    // Of its kind it may be the first; for who reads it, it is not.
    const isFirst = next?.as !== "first" || last === null;
    const told = { last, next: isFirst ? next : { ...next, as: "news" as const }, below };
    return [channelId, { barrier: null, ...told, held: held.get(channelId) ?? null }];
  });
}

/** Those of the addresses, see addressKey, that mail servers refuse. Index: the primary key of suppressed_addresses. */
async function readStopped(client: Client, audiences: readonly Audience[]): Promise<Set<string>> {
  const keys = audiences.flatMap(({ recipients, unsubscribed }) => [
    ...recipients.map(({ key }) => key),
    ...unsubscribed,
  ]);
  const { rows } = await client.query<{ key: string }>(
    "select address_key as key from suppressed_addresses where address_key = any($1)",
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** The newest application of each that has made one. Index: notification_grants (channel_id, applied_at). */
async function readRefusals(
  client: Client,
  channelIds: readonly string[],
): Promise<Map<string, MailBarrier>> {
  if (channelIds.length === 0) return new Map();
  const { rows } = await client.query<{ channelId: string; state: string; at: Date }>(
    `select asked.id as "channelId", g.state::text, coalesce(g.decided_at, g.applied_at) as at
       from unnest($1::text[]) as asked (id)
      cross join lateral (select * from notification_grants where channel_id = asked.id order by applied_at desc limit 1) g`,
    [channelIds],
  );
  return new Map(
    rows.map(({ channelId, state, at }) => {
      const why = (["rejected", "withdrawn"] as const).find((one) => one === state);
      return [channelId, { why: why ?? "pending", at }];
    }),
  );
}

/**
 * The newest notification of failures of each channel of which a mail was written, whatever was held back since. Index:
 * notifications (channel_id, closed_at), back to it: reminders come once a day or oftener while errors go on.
 */
async function readLastMails(
  client: Client,
  channelIds: readonly string[],
): Promise<Map<string, LastMail | null>> {
  const { rows } = await client.query<{
    channelId: string;
    state: string;
    writtenAt: Date;
    sentAt: Date | null;
  }>(
    `select asked.id as "channelId", coalesce(m.state::text, 'waiting') as state,
            coalesce(m.created_at, w.created_at) as "writtenAt", m.sent_at as "sentAt"
       from unnest($1::text[]) as asked (id)
      cross join lateral (select n.id from notifications n
              where n.channel_id = asked.id and n.type = any($2::text[]) and n.settled_at is not null and n.untold is null
                and exists (select from notices w where w.notification_id = n.id and w.mail_id is not null)
              order by n.closed_at desc limit 1) newest
       join notices w on w.notification_id = newest.id
       left join mails m on m.id = w.mail_id
      where m.id is not null or w.told_at is null`,
    [channelIds, [...errorMailTypes]],
  );
  return new Map(
    channelIds.map((id) => [id, lastMailOf(rows.filter(({ channelId }) => channelId === id))]),
  );
}

/** For whom something is held, as the hours are now, by channel. Index: notices (address_key, told_at). */
async function readHeld(
  client: Client,
  { policy, now }: Asked,
  listening: readonly Listening[],
): Promise<Map<string, HeldMails | null>> {
  const quiet = listening.flatMap(({ channelId, readers }) =>
    readers.flatMap((reader) => {
      const until = quietEnd(reader, policy, now);
      return until === null ? [] : [{ channelId, key: reader.key, until }];
    }),
  );
  if (quiet.length === 0) return new Map();
  const { rows } = await client.query<{ place: number }>(
    `select a.place::int from unnest($1::text[], $2::text[]) with ordinality as a (channel_id, key, place)
      where exists (select from notices w join notifications n on n.id = w.notification_id
                     where ${wasHeldSql("w")} and w.address_key = a.key
                       and w.channel_id = a.channel_id and n.type = any($3::text[]))`,
    [quiet.map(({ channelId }) => channelId), quiet.map(({ key }) => key), [...errorMailTypes]],
  );
  const places = new Set(rows.map(({ place }) => place));
  const held = quiet.filter((_, index) => places.has(index + 1));
  const endsOf = (id: string): Date[] =>
    held.filter(({ channelId }) => channelId === id).map(({ until }) => until);
  return new Map(listening.map(({ channelId }) => [channelId, heldMailsOf(endsOf(channelId))]));
}
