import { z } from "zod";
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
                                          'secret_overlap_cancelled', 'secret_switched')
     order by at desc, id desc limit ${changesMax + 1}::int`;
  const changes = rows
    .slice(0, changesMax)
    .reverse()
    .flatMap((row) => toChange(row, seesLog));
  return { changes, isCut: rows.length > changesMax };
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
