import { z } from "zod";
import { overlapHours } from "#lib/channel-secrets/secret.ts";
import type { Db } from "#lib/db.ts";
import { type ChannelChange, changeActions, changedSwitches } from "./schema.ts";

/** The newest that are shown, at most. */
const changesMax = 50;

type Row = { id: string; at: Date; action: string; by: string; after: unknown };

const After = z
  .looseObject({ webhookUrl: z.string().nullable().catch(null) })
  .catch({ webhookUrl: null });

/**
 * What changed how a channel's webhooks are sent in `[from, to)`, from the audit log, oldest first; of many the newest 50, and
 * `isCut`. `seesLog`: with who it was and which URL, as the log shows them. Index: audit_entries_sending_idx, read backwards.
 * The end of an overlap of secrets is no entry of its own: its begin says when that is.
 */
export async function listChanges(
  db: Db,
  channelId: string,
  { from, to }: { from: Date; to: Date },
  { seesLog }: { seesLog: boolean },
): Promise<{ changes: ChannelChange[]; isCut: boolean }> {
  // The condition of the index, word for word: with the actions as parameters the planner could not use it.
  const rows = await db.$queryRaw<Row[]>`
    select id::text as id, at, action, actor_name as by, after
      from audit_entries
     where channel_id = ${channelId} and at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz
       and result = 'done' and action in ('webhook_url_set', 'switch_turned', 'secret_issued', 'secret_overlap_begun',
                                          'secret_overlap_cancelled', 'secret_switched', 'channel_disabled')
     order by at desc, id desc limit ${changesMax + 1}::int`;
  const told = rows.reverse().flatMap((row) => toChange(row, seesLog));
  const over = await listOverlapsOver(db, channelId, { from, to });
  const changes = [...told, ...over].sort((a, b) => a.at.getTime() - b.at.getTime());
  const isCut = Math.max(rows.length, changes.length) > changesMax;
  return { changes: changes.slice(-changesMax), isCut };
}

/** The same for those who may not see the audit log. */
export const withoutAuthor = (change: ChannelChange): ChannelChange =>
  change.action === "webhook_url_set"
    ? { ...change, by: null, url: null }
    : { ...change, by: null };

/** Overlaps that ended by themselves in `[from, to)`, and not in the future. */
async function listOverlapsOver(
  db: Db,
  channelId: string,
  { from, to }: { from: Date; to: Date },
): Promise<ChannelChange[]> {
  const rows = await db.$queryRaw<{ id: string; at: Date }[]>`
    select begun.id::text as id, over.at
      from audit_entries begun
     cross join lateral (select (begun.after->>'inForceAloneFrom')::timestamptz as at) over
     where begun.channel_id = ${channelId} and begun.result = 'done' and begun.action = 'secret_overlap_begun'
       and begun.at >= ${from.toISOString()}::timestamptz - make_interval(hours => ${overlapHours}::int)
       and begun.at < ${to.toISOString()}::timestamptz
       and over.at >= ${from.toISOString()}::timestamptz and over.at < least(${to.toISOString()}::timestamptz, now())
       and not exists (select from audit_entries ended
                        where ended.channel_id = begun.channel_id and ended.result = 'done'
                          and ended.action in ('secret_overlap_cancelled', 'secret_switched', 'secret_issued')
                          and ended.at >= begun.at and ended.at < over.at)`;
  return rows.map(({ id, at }) => ({
    ...{ id: `${id} over`, at, by: null },
    action: "secret_overlap_over",
  }));
}

function toChange({ id, at, action, by, after }: Row, seesLog: boolean): ChannelChange[] {
  const known = changeActions.find((one) => one === action);
  if (known === undefined) return [];
  const fields = After.parse(after);
  const common = { id, at, by: seesLog ? by : null };
  if (known === "webhook_url_set") {
    return [{ ...common, action: known, url: seesLog ? fields.webhookUrl : null }];
  }
  if (known !== "switch_turned") return [{ ...common, action: known }];
  const name = changedSwitches.find((one) => typeof fields[one] === "boolean");
  return name === undefined
    ? []
    : [{ ...common, action: known, name, isOn: fields[name] === true }];
}
