import type { Load } from "#e2e/harness/load.ts";
import type { Arrival } from "#e2e/servers/truth-bot-server.ts";
import { readCharts } from "./charts.ts";
import { readFaces } from "./faces.ts";
import { judgeCopies } from "./judge-copies.ts";
import { judgeRequests } from "./judge-requests.ts";
import { judgeRows } from "./judge-rows.ts";
import { type Equation, openSheet, type Row, type Sheet } from "./sheet.ts";
import { readAlerts, readMails, type Told } from "./told.ts";
import type { World } from "./world.ts";

export type Played = {
  load: Pick<Load, "accepted" | "doubtful" | "channelOf" | "contradicted">;
};

/** More than this of all webhooks may not have been taken by a bot server twice. */
const duplicateShareMax = 0.005;
/** Of fewer webhooks each kill is too large a share: then none may be taken twice that no kill cut off. */
const shareFrom = 10_000;

/**
 * Compares what was sent in, what the bot servers saw and what was told with what the product says of itself: by its API and
 * files, and by plain counts of what it has stored where it has no face.
 */
export async function judge(world: World, played: Played): Promise<Equation[]> {
  const sheet = openSheet(world);
  await judgeAccepted(sheet, played);
  await judgeErrors(sheet, world);
  await judgeRows(sheet, world);
  await judgeTold(sheet, world);
  await judgeCopies(sheet, world);
  await judgeSeen(sheet, world);
  await judgeRequests(sheet, world, played);
  return sheet.equations;
}

const listLog = ({ list }: Sheet) =>
  list("select id::text as id, state::text as state, attempts::text as attempts from webhooks");

async function attemptsByChannel({ list }: Sheet): Promise<Map<string, number>> {
  const rows = await list(
    "select channel_id as id, count(*)::text as n from webhook_attempts group by 1",
  );
  return numberOf(rows);
}

const numberOf = (rows: Record<string, string>[]): Map<string, number> =>
  new Map(rows.map(({ id = "", n }) => [id, Number(n)]));

const ids = (channels: readonly { id: string }[]): string[] => channels.map(({ id }) => id);

async function judgeAccepted(sheet: Sheet, { load }: Played): Promise<void> {
  const { equal, none, count, list } = sheet;
  const states = await count(
    `select count(*)::int as all,
            count(*) filter (where state = 'delivered')::int as delivered,
            count(*) filter (where state = 'stopped')::int as stopped,
            count(*) filter (where state = 'failed')::int as failed,
            count(*) filter (where state = 'cancelled')::int as cancelled,
            count(*) filter (where state = 'not_sent')::int as "notSent" from webhooks`,
  );
  const open = await count(
    `select (select count(*) from webhook_queue)::int as waiting,
            (select count(*) from set_aside_webhooks)::int as "setAside"`,
  );
  const known = new Set(ids((await listLog(sheet)) as { id: string }[]));
  const keys = await list(`select key, webhook_id::text as id from idempotency_keys`);
  const lostAnswers = keys.filter(({ key = "" }) => load.doubtful.has(key));
  const { accepted } = load;
  equal(
    "accepted = delivered + stopped + failed + cancelled + not sent + set aside + waiting",
    ["answered 202 + answer lost", accepted.size + lostAnswers.length],
    ["sum", total(states, "delivered", "stopped", "failed", "cancelled", "notSent") + total(open)],
  );
  equal("nothing waits at the end", ["waiting", open.waiting ?? -1], ["expected", 0]);
  none(
    "answered 202 and lost",
    [...accepted.values()].filter((id) => !known.has(id)),
  );
  none(
    "in the log but never sent",
    keys.filter(({ key = "" }) => !accepted.has(key) && !load.doubtful.has(key)),
  );
  none(
    "events accepted as two webhooks",
    keys.filter(({ key = "", id }) => accepted.has(key) && accepted.get(key) !== id),
  );
  const kept = new Set(keys.map(({ key = "" }) => key));
  none(
    "answered 202 without its key being kept",
    [...accepted.keys()].filter((key) => !kept.has(key)),
  );
  none("sent again with its key and answered with another webhook id", [...load.contradicted]);
  equal("every webhook is in the log once", ["rows", states.all ?? -1], ["ids", known.size]);
}

async function judgeErrors(sheet: Sheet, world: World): Promise<void> {
  const { equal, count } = sheet;
  const stored = await count(
    `select (select count(*) from webhook_errors)::int as singles,
            (select count(*) from webhook_attempts)::int as attempts,
            (select coalesce(sum(error_count), 0) from error_rows)::int as minutes,
            (select coalesce(sum(error_count), 0) from error_hours)::int as hours,
            (select count(*) from (select distinct channel_id, webhook_id from webhook_errors) a)::int as affected,
            (select coalesce(sum(first_attempt_count), 0) from error_rows)::int as "firstMinutes",
            (select coalesce(sum(first_attempt_count), 0) from error_hours)::int as "firstHours",
            (select coalesce(sum(delivered_count), 0) from delivered_minutes)::int as "deliveredMinutes",
            (select coalesce(sum(delivered_count), 0) from delivered_hours)::int as "deliveredHours",
            (select coalesce(sum(n), 0) from delivered_minutes, unnest(answers) n)::int as "deliveredAnswers",
            (select coalesce(sum(n), 0) from answered_error_minutes, unnest(answers) n)::int as "errorAnswers",
            (select coalesce(sum(n), 0) from (select answers from delivered_hours union all
               select answers from answered_error_hours) hours, unnest(answers) n)::int as "answerHours",
            (select count(*) from webhook_errors where status_code is not null)::int as "answeredErrors"`,
  );
  equal(
    "answer times counted = delivered + answered errors",
    ["answer times", (stored.deliveredAnswers ?? -1) + (stored.errorAnswers ?? -1)],
    ["by hour", stored.answerHours ?? -1],
    ["outcomes", (stored.deliveredMinutes ?? -1) + (stored.answeredErrors ?? -1)],
  );
  const counting = world.channels.filter((channel) => channel.counts);
  const faces = await readFaces(world, counting);
  const charts = await readCharts(world, counting);
  equal(
    "single errors = minute rows = hours = charts = API = TSV",
    ["singles", stored.singles ?? -1],
    ["minutes", stored.minutes ?? -1],
    ["hours", stored.hours ?? -1],
    ["chart of one day", charts.day.errors],
    ["of 90 days", charts.quarter.errors],
    ["API", faces.apiErrors],
    ["TSV", faces.tsvErrors],
  );
  equal(
    "webhooks affected = first errors in minute rows = hours = API",
    ["affected", stored.affected ?? -1],
    ["minutes", stored.firstMinutes ?? -1],
    ["hours", stored.firstHours ?? -1],
    ["API", faces.apiAffected],
  );
  const attemptsOf = await attemptsByChannel(sheet);
  equal(
    "in channels with statistics on: failed attempts recorded = single errors",
    ["attempts", sumOver(attemptsOf, ids(counting))],
    ["singles", stored.singles ?? -1],
  );
  const countingIds = ids(counting);
  const deliveredThere = await world.place.pool.query(
    `select count(*)::int as n from webhooks where state = 'delivered' and channel_id = any($1)`,
    [countingIds],
  );
  equal(
    "in channels with statistics on: delivered = minutes = hours = charts",
    ["delivered", deliveredThere.rows[0].n],
    ["minutes", stored.deliveredMinutes ?? -1],
    ["hours", stored.deliveredHours ?? -1],
    ["chart of one day", charts.day.delivered],
    ["of 90 days", charts.quarter.delivered],
  );
}

async function judgeTold(sheet: Sheet, world: World): Promise<void> {
  const { equal, none, list } = sheet;
  const stoppedRows = await list(
    `select channel_id as id, count(*)::text as n from webhooks where state = 'stopped' group by 1`,
  );
  const [stoppedOf, attemptsOf] = [numberOf(stoppedRows), await attemptsByChannel(sheet)];
  const compare = (by: string, told: Told, channels: readonly string[]): void => {
    equal(
      `failed attempts = failures in ${by}`,
      ["attempts", sumOver(attemptsOf, channels)],
      ["told", sumOver(told.errors, channels)],
    );
    equal(
      `stopped webhooks = stopped ones in ${by}`,
      ["stopped", sumOver(stoppedOf, channels)],
      ["told", sumOver(told.stopped, channels)],
    );
    none(
      `channels whose ${by} say another number`,
      channels.filter(
        (id) =>
          (told.errors.get(id) ?? 0) !== (attemptsOf.get(id) ?? 0) ||
          (told.stopped.get(id) ?? 0) !== (stoppedOf.get(id) ?? 0),
      ),
    );
  };
  compare("emails", readMails(world.mails), ids(world.channels));
  const withTarget = world.channels.filter(({ hasTarget }) => hasTarget);
  compare("alerts", readAlerts(world.alerts), ids(withTarget));
}

async function judgeSeen(sheet: Sheet, world: World): Promise<void> {
  const { none, list } = sheet;
  const logged = await listLog(sheet);
  const known = new Set(logged.map(({ id }) => id));
  const reached = await list(
    `select webhook_id::text as id, count(*)::text as n from webhook_attempts
      where reason <> 'could_not_connect' group by 1`,
  );
  const unreached = await list(
    `select webhook_id::text as id, count(*)::text as n from webhook_attempts
      where reason = 'could_not_connect' group by 1`,
  );
  const [reachedOf, unreachedOf] = [numberOf(reached), numberOf(unreached)];
  const arrivalsOf = arrivalsByWebhook(world.bots.arrivals());
  let [arrived, recorded, claimedOnly] = [0, 0, 0];
  const tooFew: string[] = [];
  const tooMany: string[] = [];
  for (const { id = "", state, attempts } of logged) {
    const seen = arrivalsOf.get(id)?.length ?? 0;
    const here = (reachedOf.get(id) ?? 0) + (state === "delivered" ? 1 : 0);
    // Claimed and not recorded: whoever had it was killed, or could not write it down.
    const unrecorded = Number(attempts) - here - (unreachedOf.get(id) ?? 0);
    arrived += seen;
    recorded += here;
    claimedOnly += unrecorded;
    if (seen < here) tooFew.push(id);
    if (seen - here > unrecorded) tooMany.push(id);
  }
  sheet.equations.push({
    holds: recorded <= arrived && arrived <= recorded + claimedOnly,
    line: `requests that the bot servers saw - cut off by kills = attempts recorded: ${arrived} - ${arrived - recorded} = ${recorded}, ${claimedOnly} claims ended without a record`,
  });
  none("recorded but not seen by a bot server", tooFew);
  none("seen more often than claimed", tooMany);
  none(
    "seen by a bot server but not in the log",
    [...arrivalsOf.keys()].filter((id) => !known.has(id)),
  );
  none(
    "repeats not marked with isRedelivery",
    [...arrivalsOf.values()].flatMap((all) => all.slice(1).filter((one) => !one.isRedelivery)),
  );
  const takenTwice = [...arrivalsOf.values()].filter((all) => all.filter(isTaken).length > 1);
  const share = takenTwice.length / logged.length;
  const isLong = logged.length >= shareFrom;
  sheet.equations.push({
    holds: takenTwice.length <= (isLong ? logged.length * duplicateShareMax : claimedOnly),
    line: `accepted by a bot server more than once: ${takenTwice.length} of ${logged.length} (${(share * 100).toFixed(2)} %, at most ${isLong ? `${duplicateShareMax * 100} %` : "as many as kills cut off"})`,
  });
  none(
    "delivered in the log but accepted by no bot server",
    logged.filter(
      ({ id = "", state }) => state === "delivered" && !arrivalsOf.get(id)?.some(isTaken),
    ),
  );
}

function arrivalsByWebhook(arrivals: readonly Arrival[]): Map<string, Arrival[]> {
  const all = new Map<string, Arrival[]>();
  for (const arrival of arrivals) {
    const before = all.get(arrival.webhookId);
    if (before === undefined) all.set(arrival.webhookId, [arrival]);
    else before.push(arrival);
  }
  return all;
}

const isTaken = ({ statusCode }: Arrival): boolean =>
  statusCode !== null && statusCode >= 200 && statusCode < 300;

const total = (row: Row, ...names: string[]): number =>
  (names.length === 0 ? Object.keys(row) : names).reduce((sum, name) => sum + (row[name] ?? 0), 0);

const sumOver = (numbers: Map<string, number>, ids: readonly string[]): number =>
  ids.reduce((sum, id) => sum + (numbers.get(id) ?? 0), 0);
