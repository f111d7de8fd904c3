import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import { placeFailures, type Span } from "./place-failures.ts";
import { countsOf, type ReasonCounts } from "./reason-counts.ts";
import { type NotableFailure, windowKey } from "./schema.ts";

type Group = {
  channelId: string;
  type: NotableFailure["type"];
  key: string;
  failures: NotableFailure[];
  spans: Span[];
};

type StoredSpan = Pick<Group, "channelId" | "type" | "key"> & {
  /** Null: the open window. */
  id: string | null;
  openedAt: Date;
  closesAt: Date;
  reason: NotableFailure["reason"];
  detail: string;
  errorCount: number;
  lastAt: Date | null;
  reasons: ReasonCounts;
};

/**
 * Counts failures into the notification windows of their channel, type and status code (or none), so that each window
 * covers exactly the failures within `windowMs` of its first (docs/platform.md#mails). Failures may come in any order and from
 * many workers; one that comes late is counted where it belongs until the mails of that window are written
 * (`close-windows.ts` waits a while for such).
 *
 * Runs in the caller's open transaction (read committed), in three statements however many failures there are. Windows
 * are locked in the order of their keys, so callers that run together do not deadlock; `errorCount` must be at least 1.
 */
export async function countIntoWindows(
  client: PoolClient,
  failures: readonly NotableFailure[],
  windowMs: number,
): Promise<void> {
  if (failures.length === 0) return;
  const groups = groupByKey(failures);
  await lockWindows(client, groups, windowMs);
  await readSpans(client, groups);
  for (const group of groups) placeFailures(group.spans, group.failures, windowMs, newId);
  await writeSpans(client, groups);
}

/** Locks the windows that such failures are counted into, until the caller's transaction ends. */
export async function holdWindows(
  client: PoolClient,
  failures: readonly NotableFailure[],
  windowMs: number,
): Promise<void> {
  await lockWindows(client, groupByKey(failures), windowMs);
}

function groupByKey(failures: readonly NotableFailure[]): Group[] {
  const groups = new Map<string, Group>();
  for (const failure of failures) {
    const { channelId, type } = failure;
    const key = windowKey(failure.statusCode);
    const name = nameOf({ channelId, type, key });
    const group = groups.get(name) ?? { channelId, type, key, failures: [], spans: [] };
    group.failures.push(failure);
    groups.set(name, group);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

const nameOf = (of: Pick<Group, "channelId" | "type" | "key">): string =>
  `${of.channelId} ${of.type} ${of.key}`;

/**
 * Locks the open window of every group, through its primary key. `where false` locks without writing. Where there is
 * none an empty one is stored: a lock that holds off others who would open it too. A count of 0 tells it from a real one.
 */
async function lockWindows(client: PoolClient, groups: Group[], windowMs: number): Promise<void> {
  const firstAt = groups.map(earliest);
  await client.query({
    name: "lock_windows",
    text: `insert into notification_windows as w
       (channel_id, type, key, opened_at, closes_at, reason, detail, error_count)
     select channel_id, type, key, opened_at, closes_at, 'unclassified', '', 0
       from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         as g(channel_id, type, key, opened_at, closes_at)
     on conflict (channel_id, type, key) do update set error_count = w.error_count where false`,
    values: [
      ...keyColumns(groups),
      firstAt,
      firstAt.map((at) => new Date(at.getTime() + windowMs)),
    ],
  });
}

/**
 * Reads the open windows and, locking them, the closed ones that may cover a failure and have no mails yet. Must come
 * after the windows are locked, as a statement of its own: only then nobody else can have closed one unseen. Carried by
 * the primary key of notification_windows and the indexes on (settled_at, closed_at) or (channel_id, closed_at).
 */
async function readSpans(client: PoolClient, groups: Group[]): Promise<void> {
  const { rows } = await client.query<StoredSpan>({
    name: "read_window_spans",
    text: `with g as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as g(channel_id, type, key, first_at)
     ), unmailed as (
       select n.* from notifications n
         join g on n.channel_id = g.channel_id and n.type = g.type and n.key = g.key
               and n.closed_at > g.first_at
        where n.settled_at is null
          for update of n
     )
     select null as id, channel_id as "channelId", w.type, key, opened_at as "openedAt", closes_at as "closesAt",
            reason, detail, error_count as "errorCount", last_at as "lastAt", reasons
       from notification_windows w
      where (channel_id, type, key) in (select channel_id, type, key from g) and error_count > 0
      union all
     select id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at, reasons from unmailed`,
    values: [...keyColumns(groups), groups.map(earliest)],
  });
  const byName = new Map(groups.map((group) => [nameOf(group), group]));
  for (const row of rows) {
    byName.get(nameOf(row))?.spans.push({
      // An open window has no id until it is closed.
      id: row.id ?? newId(),
      open: row.id === null,
      stored: row.id !== null,
      changed: false,
      openedAt: row.openedAt.getTime(),
      closesAt: row.closesAt.getTime(),
      reason: row.reason,
      detail: row.detail,
      errorCount: row.errorCount,
      lastAt: (row.lastAt ?? row.openedAt).getTime(),
      reasons: countsOf(row),
    });
  }
}

const keyColumns = (groups: readonly Group[]): string[][] => [
  groups.map((group) => group.channelId),
  groups.map((group) => group.type),
  groups.map((group) => group.key),
];

const earliest = (group: Group): Date =>
  new Date(Math.min(...group.failures.map((failure) => failure.occurredAt.getTime())));

/** Writes every span that changed. Each row is touched by one part of the statement only, and is locked already. */
async function writeSpans(client: PoolClient, groups: readonly Group[]): Promise<void> {
  const all = groups.flatMap((group) => group.spans.map((span) => ({ ...group, span })));
  const changed = all.filter(({ span }) => span.changed);
  const unused = groups.filter((group) => !group.spans.some((span) => span.open));
  await client.query({
    name: "write_window_spans",
    text: `with s as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bool[], $6::bool[],
                            $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::int[],
                            $12::timestamptz[], $13::jsonb[])
         as s(channel_id, type, key, id, open, stored, opened_at, closes_at, reason, detail, error_count, last_at, reasons)
     ), dropped as (
       delete from notification_windows w
        using unnest($14::text[], $15::text[], $16::text[]) as u(channel_id, type, key)
        where w.channel_id = u.channel_id and w.type = u.type and w.key = u.key
     ), opened as (
       update notification_windows w
          set opened_at = s.opened_at, closes_at = s.closes_at, reason = s.reason::error_reason,
              detail = s.detail, error_count = s.error_count, last_at = s.last_at, reasons = s.reasons
         from s
        where s.open and w.channel_id = s.channel_id and w.type = s.type and w.key = s.key
     ), closed as (
       insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at, reasons)
       select id, channel_id, type, key, opened_at, closes_at, reason::error_reason, detail, error_count,
              last_at, reasons
         from s where not open and not stored
     )
     update notifications n
        set detected_at = s.opened_at, reason = s.reason::error_reason, detail = s.detail, error_count = s.error_count,
            last_at = s.last_at, reasons = s.reasons
       from s where not s.open and s.stored and n.id = s.id`,
    values: [
      ...keyColumns(changed),
      changed.map(({ span }) => span.id),
      changed.map(({ span }) => span.open),
      changed.map(({ span }) => span.stored),
      changed.map(({ span }) => new Date(span.openedAt)),
      changed.map(({ span }) => new Date(span.closesAt)),
      changed.map(({ span }) => span.reason),
      changed.map(({ span }) => span.detail),
      changed.map(({ span }) => span.errorCount),
      changed.map(({ span }) => new Date(span.lastAt)),
      changed.map(({ span }) => JSON.stringify(span.reasons)),
      ...keyColumns(unused),
    ],
  });
}
