import { isLikelyCause } from "#lib/causes/schema.ts";
import type { CopyConnection } from "#lib/copy-connection.ts";
import type { Db } from "#lib/db.ts";
import { readDoubt } from "#lib/delivered-answers/schema.ts";
import { isErrorReason } from "#lib/transport/error-class.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { escapedForm, escapeStart, eventsOf, holdsEvent, needlesOf } from "./events.ts";
import { endsUndelivered, hitSql, isByOutcome } from "./outcome-sql.ts";
import type { FilterState, JobOutcome, LoggedWebhook, LogQuestion } from "./schema.ts";

type Ask = CopyConnection["ask"];

export type SliceOptions = {
  size: number;
  /** `all`: with the types of events, for people. `matches`: bodies are read only where the question is about events. */
  reads: "all" | "matches";
  /** Without what was cancelled and has not ended yet. */
  onlyInForce?: boolean;
};

/** Where a reading stands: behind this webhook, in its direction. Null: at the range's end that comes first. */
export type LogCursor = { after: string | null; ascending: boolean };

export type Slice = {
  /** What matches, in order. */
  webhooks: LoggedWebhook[];
  /** Everything up to this webhook was looked at; null when the range's other end was reached. */
  end: string | null;
};

type Row = {
  end: string | null;
  id: string | null;
  state: LoggedWebhook["state"];
  attempts: number;
  eventCount: number;
  finishedAt: Date | null;
  dueAt: Date | null;
  statusCode: number | null;
  answerMs: number | null;
  reason: string | null;
  detail: string | null;
  likelyCause: string | null;
  doubt: string | null;
  body: string | null;
};

/** Bodies up to this size are read along; of larger ones the events are not listed. */
const bodyBytesMax = 16_384;
/** Larger bodies that are in memory together, while it is looked what they hold. */
const openedAtOnce = 20;

/**
 * Looks at the next `size` webhooks of a channel's log and queue, in one statement and so at one moment: each webhook is
 * in exactly one of them, whatever ends or is redelivered meanwhile. The cost follows `size`, not the length of the log.
 * Indexes: webhooks (channel_id, accepted_at, id), a partial one where only what did not arrive or only what was answered
 * doubtfully is asked for; the queue by its key between the slice's ends. Of one user, group or room the slice is the next
 * `size` of webhook_sources' primary key, each probed by its key.
 */
export async function scanSlice(
  db: Db | Pick<CopyConnection, "ask">,
  question: LogQuestion,
  cursor: LogCursor,
  options: SliceOptions,
): Promise<Slice> {
  const ask: Ask = "ask" in db ? db.ask : (asked) => db.$queryRaw(asked);
  const rows = await ask<Row>(sliceSql(question, cursor, options));
  const webhooks: LoggedWebhook[] = [];
  for (let at = 0; at < rows.length; at += openedAtOnce) {
    webhooks.push(...(await keepMatches(ask, question, rows.slice(at, at + openedAtOnce))));
  }
  return { webhooks, end: rows[0]?.end ?? null };
}

function sliceSql(
  question: LogQuestion,
  cursor: LogCursor,
  { size, reads, onlyInForce = false }: SliceOptions,
): Prisma.Sql {
  const { channelId, from, to } = question;
  const { after, ascending } = cursor;
  const way = ascending ? Prisma.sql`asc` : Prisma.sql`desc`;
  const [low, high] = [idAt(from), idAt(to)];
  const start = after ?? (ascending ? low : high);
  const within = ascending
    ? Prisma.sql`id ${after === null ? Prisma.sql`>=` : Prisma.sql`>`} ${start}::uuid and id < ${high}::uuid`
    : Prisma.sql`id < ${start}::uuid and id >= ${low}::uuid`;
  const { ended, waits: looksAtQueue } = placesOf(question);
  // Behind offset 0 a body is searched once, though the answer is used twice.
  const hits = Prisma.sql`cross join lateral (select ${matches(question)} as hit offset 0) found`;
  const left = onlyInForce ? inForce(channelId) : Prisma.empty;
  const loggedHits = Prisma.sql`cross join lateral (select ${matches(question)} and ${hitSql(question)} as hit offset 0) found`;
  const sourced = question.sourceId ?? null;
  const places = placesToLook(channelId, sourced !== null);
  const looked =
    sourced === null ? Prisma.sql`slice` : Prisma.sql`(select named_id as id from named) named`;
  const readsBody = reads === "all" || isByEvent(question);
  const body = Prisma.sql`case when ${readsBody} and hit and octet_length(body) <= ${bodyBytesMax}::int then body end as body`;
  return Prisma.sql`
    with ${sourced === null ? Prisma.empty : sourceSlice(question, sourced, cursor, size)}
    logged as materialized (
      select id, state::text as state, attempts, event_count, finished_at, null::timestamptz as due_at, status_code,
             (phases->>'headers')::float8 as answer_ms, reason::text as reason, detail, likely_cause, doubt,
             hit and state = any(${ended}::webhook_state[]) as is_match, ${body}
        from ${places.log} ${loggedHits}
       where channel_id = ${channelId} and accepted_at >= ${iso(from)}::timestamptz and accepted_at < ${iso(to)}::timestamptz
         ${beyond(cursor)} ${onlyIndexed(question, ended)} ${ofJob(question)} ${endedWithin(question)}
       order by accepted_at ${way}, id ${way} limit ${ended.length === 0 ? 0 : size}::int
    ),
    bound as (
      select (select id from logged order by id ${reverse(ascending)} limit 1) as id
       where (select count(*) from logged) = ${size}::int
    ),
    queued as materialized (
      select id, case when lease is not null and lease_until > now() then 'sending' else 'waiting' end as state,
             attempt as attempts, event_count, due_at, hit as is_match, ${body}
        from ${places.queue} ${hits}
       where ${looksAtQueue} and channel_id = ${channelId} and ${within} and ${beforeBound(ascending)} ${ofJob(question)} ${left}
       order by id ${way} limit ${size}::int
    ),
    aside as materialized (
      select id, 'set_aside' as state, attempt as attempts, event_count, hit as is_match, ${body}
        from ${places.aside} ${hits}
       where ${looksAtQueue} and channel_id = ${channelId} and ${within} and ${beforeBound(ascending)} ${ofJob(question)} ${left}
       order by id ${way} limit ${size}::int
    ),
    slice as materialized (
      select id, state, attempts, event_count, finished_at, due_at, status_code, answer_ms, reason, detail, likely_cause,
             doubt, is_match, body from logged
      union all select id, state, attempts, event_count, null, due_at, null, null, null, null, null, null, is_match, body
                  from queued
      union all select id, state, attempts, event_count, null, null, null, null, null, null, null, null, is_match, body
                  from aside
       order by id ${way} limit ${size}::int
    ),
    ending as (
      select (select id from ${looked} order by id ${reverse(ascending)} limit 1) as id
       where (select count(*) from ${looked}) = ${size}::int
    )
    select (select id::text from ending) as "end", s.id::text as id, s.state, s.attempts, s.event_count as "eventCount",
           s.finished_at as "finishedAt", s.due_at as "dueAt", s.status_code as "statusCode", s.answer_ms as "answerMs",
           s.reason, s.detail, s.likely_cause as "likelyCause", s.doubt, s.body
      from (select 1) one left join slice s on s.is_match
     order by s.id ${way}`;
}

/** The next webhooks of a user, group or room, wherever they are now. */
function sourceSlice(
  { channelId, from, to }: LogQuestion,
  sourceId: string,
  { after, ascending }: LogCursor,
  size: number,
): Prisma.Sql {
  const way = ascending ? Prisma.sql`asc` : Prisma.sql`desc`;
  const than = ascending ? Prisma.sql`>` : Prisma.sql`<`;
  const at = after === null ? null : Prisma.sql`${iso(acceptedAtOf(after))}::timestamptz`;
  const behind =
    at === null
      ? Prisma.empty
      : Prisma.sql`and accepted_at ${than}= ${at} and (accepted_at, webhook_id) ${than} (${at}, ${after}::uuid)`;
  return Prisma.sql`
    named as materialized (
      select accepted_at as named_at, webhook_id as named_id from webhook_sources
       where channel_id = ${channelId} and source_id = ${sourceId}
         and accepted_at >= ${iso(from)}::timestamptz and accepted_at < ${iso(to)}::timestamptz ${behind}
       order by accepted_at ${way}, webhook_id ${way} limit ${size}::int
    ),`;
}

/** The tables of the log, or of each only what `named` names: by a probe of its key, whatever the planner guesses. */
function placesToLook(channelId: string, isNamed: boolean) {
  const of = (table: Prisma.Sql, key: Prisma.Sql): Prisma.Sql =>
    isNamed
      ? Prisma.sql`named cross join lateral (
          select * from ${table} one where one.channel_id = ${channelId} and one.id = named.named_id and ${key} offset 0) here`
      : table;
  return {
    log: of(Prisma.sql`webhooks`, Prisma.sql`one.accepted_at = named.named_at`),
    queue: of(Prisma.sql`webhook_queue`, Prisma.sql`true`),
    aside: of(Prisma.sql`set_aside_webhooks`, Prisma.sql`true`),
  };
}

const allEnded: readonly FilterState[] = [
  "delivered",
  "failed",
  "stopped",
  "cancelled",
  "not_sent",
];

export const iso = (at: Date): string => at.toISOString();

/** The least id of a moment: ids begin with the millisecond in which the webhook was accepted. */
export function idAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const reverse = (ascending: boolean): Prisma.Sql =>
  ascending ? Prisma.sql`desc` : Prisma.sql`asc`;

function beyond({ after, ascending }: LogCursor): Prisma.Sql {
  if (after === null) return Prisma.empty;
  const than = ascending ? Prisma.sql`>` : Prisma.sql`<`;
  const at = Prisma.sql`${iso(acceptedAtOf(after))}::timestamptz`;
  // The first half is implied; it lets the planner leave out partitions.
  return Prisma.sql`and accepted_at ${than}= ${at} and (accepted_at, id) ${than} (${at}, ${after}::uuid)`;
}

/** What waits further on than the log was read belongs to a later slice. */
const beforeBound = (ascending: boolean): Prisma.Sql =>
  ascending
    ? Prisma.sql`id <= coalesce((select id from bound), 'ffffffff-ffff-ffff-ffff-ffffffffffff')`
    : Prisma.sql`id >= coalesce((select id from bound), '00000000-0000-0000-0000-000000000000')`;

/** Of what waits, without what was queued before the channel's switch went off (docs/decisions/0023). */
export const inForce = (channelId: string): Prisma.Sql => Prisma.sql`
  and epoch >= coalesce((select case lane when 0 then c.first_epoch else c.redelivery_epoch end
                           from channels c where c.id = ${channelId}), 0)`;

/** Which states of the log are asked for, and whether what has not ended is; that has no answer to doubt yet. */
export function placesOf({
  states,
  doubtful,
  ended = null,
  outcome,
}: Pick<LogQuestion, "states" | "doubtful" | "ended" | "outcome">): {
  ended: readonly FilterState[];
  waits: boolean;
} {
  const asked = states ?? [...allEnded, "waiting"];
  return {
    ended: asked.filter((state) => state !== "waiting"),
    waits: !doubtful && ended === null && !isByOutcome({ outcome }) && asked.includes("waiting"),
  };
}

/** Implies a partial index where there is one for the question. */
export function onlyIndexed(
  { doubtful, outcome }: Pick<LogQuestion, "doubtful" | "outcome">,
  ended: readonly FilterState[],
): Prisma.Sql {
  if (doubtful) return Prisma.sql`and doubt is not null`;
  const maybeDelivered = ended.includes("delivered") && !endsUndelivered(outcome);
  return maybeDelivered ? Prisma.empty : Prisma.sql`and state <> 'delivered'`;
}

export function endedWithin({ ended }: LogQuestion): Prisma.Sql {
  if (ended == null) return Prisma.empty;
  return Prisma.sql`and finished_at >= ${iso(ended.from)}::timestamptz and finished_at < ${iso(ended.to)}::timestamptz`;
}

/** Index: the primary key of redelivery_job_webhooks. */
export function ofJob({ job, channelId }: LogQuestion): Prisma.Sql {
  if (job == null) return Prisma.empty;
  return Prisma.sql`and id in (select o.webhook_id from redelivery_job_webhooks o join redelivery_jobs j on j.id = o.job_id
                                where j.id = ${job.id}::uuid and j.channel_id = ${channelId} ${cameTo(job.came)})`;
}

function cameTo(came: JobOutcome | null): Prisma.Sql {
  if (came === null) return Prisma.empty;
  if (came === "open") return Prisma.sql`and o.outcome is null`;
  const outcomes = came === "sent" ? ["delivered", "failed"] : [came];
  return Prisma.sql`and o.outcome = any(${outcomes})`;
}

function matches(question: LogQuestion): Prisma.Sql {
  const needles = needlesOf(question);
  if (needles.length === 0) return Prisma.sql`true`;
  return Prisma.join(
    needles.map(
      (needle) =>
        Prisma.sql`(strpos(body, ${needle}) > 0 or (strpos(body, ${escapeStart}) > 0 and body ~ ${escapedForm}))`,
    ),
    " and ",
  );
}

/** Only bodies can answer it. */
export const isByEvent = ({ eventType, eventId }: LogQuestion): boolean =>
  eventType !== null || eventId !== null;

/** The text was found in the body; whether it stands where it is meant only the body's structure tells. */
async function keepMatches(
  ask: Ask,
  question: LogQuestion,
  rows: readonly Row[],
): Promise<LoggedWebhook[]> {
  const found = rows.flatMap((row) => (row.id === null ? [] : { row, id: row.id }));
  if (!isByEvent(question)) return found.map(({ row, id }) => toWebhook(row, id));
  const unread = found.filter(({ row }) => row.body === null).map(({ id }) => id);
  const opened = await findBodies(ask, question.channelId, unread);
  return found
    .filter(({ row, id }) => {
      const body = row.body ?? opened.get(id);
      return body !== undefined && holdsEvent(body, question);
    })
    .map(({ row, id }) => toWebhook(row, id));
}

/** Bodies of this channel by webhook, wherever they are. Indexes: the primary keys, a probe each. */
async function findBodies(
  ask: Ask,
  channelId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const times = ids.map((id) => iso(acceptedAtOf(id)));
  const rows = await ask<{ id: string; body: string }>(Prisma.sql`
    with asked as (select * from unnest(${[...ids]}::uuid[], ${times}::timestamptz[]) as asked (id, accepted_at))
    select q.id::text as id, q.body from asked join webhook_queue q on q.id = asked.id where q.channel_id = ${channelId}
    union all
    select s.id::text, s.body from asked join set_aside_webhooks s on s.id = asked.id where s.channel_id = ${channelId}
    union all
    select w.id::text, w.body from asked join webhooks w on w.accepted_at = asked.accepted_at and w.id = asked.id
     where w.channel_id = ${channelId}`);
  return new Map(rows.map((row) => [row.id, row.body]));
}

/** The body of a webhook of this channel, wherever it is; null when it is no longer kept. */
export async function findBody(db: Db, channelId: string, id: string): Promise<string | null> {
  const select = { body: true };
  const [queued, aside, ended] = await Promise.all([
    db.queuedWebhook.findFirst({ select, where: { id, channelId } }),
    db.setAsideWebhook.findFirst({ select, where: { id, channelId } }),
    db.webhook.findFirst({ select, where: { acceptedAt: acceptedAtOf(id), id, channelId } }),
  ]);
  return (queued ?? aside ?? ended)?.body ?? null;
}

function toWebhook(
  { end: _end, body, doubt, reason, likelyCause, ...row }: Row,
  id: string,
): LoggedWebhook {
  const types = body === null ? [] : eventsOf(body).map((event) => event.type);
  return {
    ...row,
    id,
    doubt: readDoubt(doubt),
    reason: isErrorReason(reason) ? reason : null,
    likelyCause: isLikelyCause(likelyCause) ? likelyCause : null,
    acceptedAt: acceptedAtOf(id),
    eventTypes: [...new Set(types)],
  };
}
