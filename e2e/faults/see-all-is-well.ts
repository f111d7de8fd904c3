import type { Place } from "#e2e/harness/place.ts";
import type { TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { settle } from "./scene.ts";
import type { See } from "./see.ts";

export type WellOptions = {
  /** How what was accepted may end; delivered unless told otherwise. */
  endings?: readonly string[];
  /** Nothing was done to workers or database: the outcome of each attempt is recorded. */
  isUncut?: boolean;
};

/** So many failures and not one of them counted: no kill explains that. */
const failuresMany = 5;

/**
 * What holds after every fault: all that was accepted has ended as it should, every figure agrees wherever it is kept, and they
 * agree with what the bot server saw: it took each delivered webhook, repeats were marked, and each failure was counted unless
 * its attempt was cut off. A cut-off attempt has a number and no outcome.
 */
export async function seeAllIsWell(
  see: See,
  scene: { place: Place; channelId: string; bot?: TruthBotServer },
  accepted: readonly string[],
  { endings = ["delivered"], isUncut = false }: WellOptions = {},
): Promise<void> {
  const { place, channelId, bot } = scene;
  await settle(place, channelId);
  const states = await statesOf(place, channelId);
  const ends = accepted.map((id) => states.get(id) ?? "lost");
  see(
    ends.every((end) => endings.includes(end)),
    `${accepted.length} accepted: ${tally(ends)}`,
  );
  const counted = await countAll(place, channelId);
  const { singles, minutes, hours, affected, affectedMinutes } = counted;
  see(
    singles === minutes && minutes === hours,
    `errors: ${singles} single, ${minutes} in minutes, ${hours} in hours`,
  );
  if (affected !== affectedMinutes)
    see(false, `webhooks affected: ${affected} single, ${affectedMinutes} in minutes`);
  const delivered = [...states.values()].filter((state) => state === "delivered").length;
  see(delivered === counted.delivered, `${delivered} delivered, ${counted.delivered} counted`);
  const cut = counted.attempts - singles - delivered;
  if (cut < 0 || (isUncut && cut > 0)) see(false, `${cut} attempts without an outcome`);
  if (bot !== undefined) seeBot(see, bot, { states, singles, cut });
}

async function statesOf(place: Place, channelId: string): Promise<Map<string, string>> {
  const { rows } = await place.pool.query<{ id: string; state: string }>(
    "select id::text as id, state::text as state from webhooks where channel_id = $1",
    [channelId],
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}

const tally = (ends: readonly string[]): string =>
  [...new Set(ends)]
    .map((end) => `${ends.filter((other) => other === end).length} ${end}`)
    .join(", ");

function seeBot(
  see: See,
  bot: TruthBotServer,
  { states, singles, cut }: { states: Map<string, string>; singles: number; cut: number },
): void {
  const taken = new Set<string>();
  const known = new Set<string>();
  const first = new Set<string>();
  let unmarked = 0;
  for (const { webhookId, isRedelivery, statusCode } of bot.arrivals) {
    // In any order: a busy bot server may read the request that was given up after the one that followed.
    if (first.has(webhookId) && !isRedelivery) unmarked += 1;
    if (!isRedelivery) first.add(webhookId);
    known.add(webhookId);
    if (statusCode !== null && statusCode < 300) taken.add(webhookId);
  }
  const untaken = [...states].filter(([id, state]) => state === "delivered" && !taken.has(id));
  if (untaken.length > 0) see(false, `${untaken.length} delivered that no bot server took`);
  const failures = bot.arrivals.filter(({ statusCode }) => (statusCode ?? 500) >= 300).length;
  const isCounted = failures - singles <= cut && (failures < failuresMany || singles > 0);
  if (!isCounted) see(false, `${failures} failed at the bot server, ${singles} counted`);
  const repeats = bot.arrivals.length - known.size;
  see(unmarked === 0, `${repeats} repeats${repeats === 0 ? "" : `, ${unmarked} not marked`}`);
}

type Counts = {
  singles: number;
  minutes: number;
  hours: number;
  affected: number;
  affectedMinutes: number;
  delivered: number;
  attempts: number;
};

async function countAll(place: Place, channelId: string): Promise<Counts> {
  const { rows } = await place.pool.query<Counts>(
    `select (select count(*) from webhook_errors where channel_id = $1)::int as singles,
            (select count(distinct webhook_id) from webhook_errors where channel_id = $1)::int as affected,
            (select coalesce(sum(error_count), 0) from error_rows where channel_id = $1)::int as minutes,
            (select coalesce(sum(first_attempt_count), 0) from error_rows where channel_id = $1)::int as "affectedMinutes",
            (select coalesce(sum(error_count), 0) from error_hours where channel_id = $1)::int as hours,
            (select coalesce(sum(delivered_count), 0) from delivered_minutes where channel_id = $1)::int as delivered,
            (select coalesce(sum(attempts), 0) from webhooks where channel_id = $1)::int as attempts`,
    [channelId],
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error("the figures could not be read");
  return counts;
}
