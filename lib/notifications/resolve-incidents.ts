import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import {
  certificateInUseSql,
  certificateUseIsSureSql,
} from "#lib/endpoint-health/find-certificate.ts";
import { type Incident, incidentOf, resolveBody } from "./alert-body.ts";
import { type IncidentKind, incidentKinds } from "./alert-kinds.ts";
import { type ClosingOptions, knownTypes } from "./schema.ts";
import { quietAfterOutageMs } from "./settle-wait.ts";

/** Channels of which something is over, looked at in one transaction. */
const overMax = 500;

type Open = { targetId: string; kind: IncidentKind; channelId: string; incident: Incident };

/**
 * Ends what no recovery ends, and resolves what alerts began about it at targets that keep incidents: an outage that an Admin's
 * deed ended (another Webhook URL, Use webhook off, Resume sending), and a certificate that was replaced. Nobody is told
 * anything else: of the bot server nothing is known. As with a recovery, first the length of a window passes in which it does
 * not keep failing, and every window of the outage is settled. What fails later begins a new outage, for emails as well.
 */
export async function resolveIncidents(
  client: PoolClient,
  { policy, now }: Pick<ClosingOptions, "policy" | "now">,
): Promise<void> {
  const over = [
    ...(await takeEnded(client, quietAfterOutageMs(policy), now)),
    ...(await takeReplaced(client, now)),
  ];
  if (over.length === 0) return;
  const open = await onlyOpen(client, over);
  await client.query(
    `insert into alerts (id, target_id, channel_id, body, resolves, created_at, due_at)
     select id, target_id, channel_id, body, resolves, coalesce($6::timestamptz, now()), coalesce($6::timestamptz, now())
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[]) as a(id, target_id, channel_id, body, resolves)`,
    [
      open.map(() => newId()),
      open.map(({ targetId }) => targetId),
      open.map(({ channelId }) => channelId),
      open.map(({ kind, channelId, incident }) => resolveBody(kind, channelId, incident)),
      open.map(({ incident }) => incident),
      now ?? null,
    ],
  );
}

/**
 * Ends the outages that a deed ended, so that what fails later is told as the first of another one; returns the targets that may
 * keep an incident about them. Partial index: endpoint_health (ended_at) where it is set; then alert_targets (channel_id).
 */
async function takeEnded(
  client: PoolClient,
  quietMs: number,
  now: Date | undefined,
): Promise<Open[]> {
  const { rows } = await client.query<Open>(
    `with ended as materialized (
       select h.channel_id from endpoint_health h
        where h.ended_at <= coalesce($1::timestamptz, now()) - $2::float8 * interval '1 ms' and h.failing_since is null
          and not exists (select from notification_windows w
                           where w.channel_id = h.channel_id and w.opened_at < h.ended_at)
          and not exists (select from notifications n
                           where n.channel_id = h.channel_id and n.settled_at is null and n.detected_at < h.ended_at
                             and n.type in ('error_detected', 'redelivery_stopped', 'endpoint_failing'))
        order by h.ended_at limit ${overMax} for update skip locked
     ), cleared as (
       update endpoint_health h set ended_at = null from ended where h.channel_id = ended.channel_id
     ), over as (
       update outages o set is_over = true from ended where o.channel_id = ended.channel_id
     )
     select t.id as "targetId", t.kind, t.channel_id as "channelId", 'errors' as incident
       from ended join alert_targets t on t.channel_id = ended.channel_id and t.kind = any($3)`,
    [now ?? null, quietMs, incidentKinds],
  );
  return rows;
}

/**
 * Certificates that people were told of and that are surely not in use any more, with another one in use since; one that
 * another URL showed is over, too. Where several were told of, all of them must be. Partial index: bot_certificates (told_at) where it is set.
 */
async function takeReplaced(client: PoolClient, now: Date | undefined): Promise<Open[]> {
  const { rows } = await client.query<Open>(
    `with replaced as materialized (
       select b.channel_id, b.fingerprint from bot_certificates b join channels c on c.id = b.channel_id
        where b.told_at is not null and (${certificateInUseSql("b", "c")}) is not true
          and ${certificateUseIsSureSql("b", "c", "coalesce($1::timestamptz, now())")}
          and not exists (select from bot_certificates o where o.channel_id = b.channel_id and o.told_at is not null
                             and ${certificateInUseSql("o", "c")})
        order by b.told_at limit ${overMax} for update of b skip locked
     ), cleared as (
       update bot_certificates b set told_at = null from replaced r
        where b.channel_id = r.channel_id and b.fingerprint = r.fingerprint
     )
     select t.id as "targetId", t.kind, t.channel_id as "channelId", 'certificate' as incident
       from (select distinct channel_id from replaced) r
       join alert_targets t on t.channel_id = r.channel_id and t.kind = any($2)`,
    [now ?? null, incidentKinds],
  );
  return rows;
}

/** Those whose last alert began or kept up the incident. Index: alerts (target_id, created_at), newest first. */
async function onlyOpen(client: PoolClient, over: readonly Open[]): Promise<Open[]> {
  const { rows } = await client.query<{ place: number }>(
    `select o.place::int as place
       from unnest($1::uuid[], $2::text[]) with ordinality as o (target_id, incident, place)
      cross join lateral (
        select a.resolves is null and n.type <> 'recovered' as begins
          from alerts a
          left join notifications n on n.id = a.notification_id
          left join unnest($3::text[], $4::text[]) as about (type, incident) on about.type = n.type
         where a.target_id = o.target_id and coalesce(a.resolves, about.incident) = o.incident
         order by a.created_at desc, a.id desc limit 1
      ) newest
      where newest.begins`,
    [
      over.map(({ targetId }) => targetId),
      over.map(({ incident }) => incident),
      knownTypes,
      knownTypes.map(incidentOf),
    ],
  );
  const places = new Set(rows.map(({ place }) => place));
  return over.filter((_, index) => places.has(index + 1));
}
