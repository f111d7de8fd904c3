import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { cancelWaiting, describeEnded } from "#lib/cancellations/cancel-waiting.ts";
import { countCancellable } from "#lib/cancellations/count-waiting.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { forgetHealth } from "#lib/endpoint-health/commands.ts";
import { lockPlace } from "#lib/members/place.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { type ChannelSwitch, channelSwitches, perSwitch } from "./switches.ts";

export type EndedWaiting = { endedCount: number; isEndingMore: boolean };
/** Nothing was turned: so many webhooks would have been cancelled, see `countCancellable`. */
export type Asks = { wouldCancel: number };
const nothing: EndedWaiting = { endedCount: 0, isEndingMore: false };

/**
 * Turns one of a channel's switches, with what follows from it in the same transaction: counting periods open and
 * close with Error statistics aggregation; what waits is cancelled when Use webhook or Webhook redelivery goes off,
 * however much it is; with Use webhook goes what is known of the bot server's health.
 * A switch that stands already as asked stays as it is, so a double press does one thing.
 * Returns how many waiting webhooks ended at once, and whether workers end more of them from now on.
 * @throws AppError conflict when a switch that sends is turned on without a Webhook URL, or while an operator has disabled the channel; as
 * requireChannelRight.
 */
export async function turnSwitch(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  name: ChannelSwitch,
  on: boolean,
): Promise<EndedWaiting> {
  return db.$transaction(async (tx) => {
    await lockForTurning(tx, actor, channelId);
    return turn(tx, actor, { channelId, name, on });
  });
}

/**
 * The same for people, who are asked first: when something waits that would be cancelled, nothing is done before it is said that
 * this is meant.
 * @throws AppError as turnSwitch.
 */
export async function turnSwitchAsking(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  { name, on, isMeant }: { name: ChannelSwitch; on: boolean; isMeant: boolean },
): Promise<EndedWaiting | Asks> {
  return db.$transaction(async (tx) => {
    await lockForTurning(tx, actor, channelId);
    const isGoingOff =
      !on && (await tx.channel.count({ where: { id: channelId, [name]: true } })) > 0;
    const lanes = isGoingOff && !isMeant ? cancelledBy[name] : null;
    const wouldCancel = lanes === null ? 0 : await countCancellable(tx, channelId, lanes);
    return wouldCancel > 0 ? { wouldCancel } : turn(tx, actor, { channelId, name, on });
  });
}

async function lockForTurning(tx: Db, actor: Actor, channelId: string): Promise<void> {
  await lockPlace(tx, { kind: "channel", id: channelId });
  await requireChannelRight(tx, actor, channelId, "manage_messaging_api");
}

/** What waits and is cancelled when a switch goes off. */
const cancelledBy = {
  useWebhook: "all",
  webhookRedelivery: "redeliveries",
  errorStatisticsAggregation: null,
} as const satisfies Record<ChannelSwitch, "all" | "redeliveries" | null>;

async function turn(
  tx: Db,
  actor: Actor,
  { channelId, name, on }: { channelId: string; name: ChannelSwitch; on: boolean },
): Promise<EndedWaiting> {
  const { count } = await tx.channel.updateMany({
    where: {
      id: channelId,
      [name]: !on,
      ...(channelSwitches[name].sends && on ? { webhookUrl: { not: null }, disabledAt: null } : {}),
    },
    data: { [name]: on },
  });
  if (count === 0) {
    await refuseUnlessStanding(tx, channelId, name, on);
    return nothing;
  }
  const ended = await follow(tx, channelId, name, on);
  await recordAudit(tx, {
    actor,
    action: "switch_turned",
    channelId,
    before: { [name]: !on },
    after: { [name]: on, ...describeEnded(ended) },
  });
  return ended;
}

async function refuseUnlessStanding(
  tx: Db,
  channelId: string,
  name: ChannelSwitch,
  on: boolean,
): Promise<void> {
  const channel = await tx.channel.findUnique({
    where: { id: channelId },
    select: { ...perSwitch(() => true as const), disabledAt: true },
  });
  if (channel === null) throw new AppError("not_found", "The channel no longer exists.");
  if (channel[name] !== on) {
    if (channel.disabledAt !== null) {
      throw new AppError("conflict", "An operator has disabled this channel.", {
        key: "channel_disabled",
      });
    }
    throw new AppError("conflict", "Set a Webhook URL first.", { key: "no_webhook_url" });
  }
}

async function follow(
  tx: Db,
  channelId: string,
  name: ChannelSwitch,
  on: boolean,
): Promise<EndedWaiting> {
  switch (name) {
    case "errorStatisticsAggregation":
      await (on ? openCountingPeriod(tx, channelId) : closeCountingPeriod(tx, channelId));
      return nothing;
    case "useWebhook":
      return on ? nothing : endUse(tx, channelId);
    case "webhookRedelivery":
      return on ? nothing : cancel(tx, channelId, cancelledBy.webhookRedelivery);
  }
}

/** Locks in the order in which the record step does: what waits, then the health. */
async function endUse(tx: Db, channelId: string): Promise<EndedWaiting> {
  const ended = await cancel(tx, channelId, cancelledBy.useWebhook);
  await forgetHealth(tx, [channelId]);
  return ended;
}

async function cancel(
  tx: Db,
  channelId: string,
  lanes: "redeliveries" | "all",
): Promise<EndedWaiting> {
  const { ended, isEndingMore } = await cancelWaiting(tx, [channelId], { lanes });
  return { endedCount: ended.get(channelId) ?? 0, isEndingMore };
}

// The database's clock, as everything that is counted is placed by it.
const openCountingPeriod = (tx: Db, channelId: string) => tx.$executeRaw`
  insert into counting_periods (id, channel_id, started_at) values (gen_random_uuid(), ${channelId}, now())`;

const closeCountingPeriod = (tx: Db, channelId: string) => tx.$executeRaw`
  update counting_periods set ended_at = now() where channel_id = ${channelId} and ended_at is null`;
