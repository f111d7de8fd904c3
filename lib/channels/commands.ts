import { AppError } from "#lib/app-error.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { cancelPending } from "#lib/deliveries/cancel.ts";
import { forgetHealth } from "#lib/endpoint-health/commands.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import type { ChannelBasicsForm, CreateChannelForm } from "./schema.ts";
import { newBotUserId, newChannelSecret, newDecimalId, sealChannelSecret } from "./secret.ts";

const gone = () => new AppError("not_found", "The channel does not exist any more.");

/** Makes a channel with every switch off; who makes it becomes its first Admin. The secret is sealed with `key`. */
export async function createChannel(
  db: Db,
  key: Buffer,
  actorId: string,
  form: CreateChannelForm,
): Promise<{ channelId: string }> {
  const id = newDecimalId();
  await db.channel.create({
    data: {
      ...form,
      id,
      botUserId: newBotUserId(),
      sealedSecret: sealChannelSecret(key, id, newChannelSecret()),
      members: { create: { userId: actorId, role: "admin" } },
    },
    select: { id: true },
  });
  return { channelId: id };
}

/** @throws AppError not_found when it was deleted meanwhile. */
export async function editBasics(db: Db, form: ChannelBasicsForm): Promise<void> {
  const { channelId, ...data } = form;
  const { count } = await db.channel.updateMany({ where: { id: channelId }, data });
  if (count === 0) throw gone();
}

/**
 * Sets where webhooks go. What waits for redelivery goes to the new URL; how the old one did is forgotten, and a
 * suspension with it.
 * @throws AppError invalid, at the field `webhookUrl`, when the target policy refuses it.
 */
export async function setWebhookUrl(
  db: TransactionalDb,
  policy: TargetPolicy,
  channelId: string,
  text: string,
): Promise<void> {
  const verdict = policy.checkUrl(text);
  if (!verdict.ok) {
    throw new AppError("invalid", verdict.message, {
      key: `url_${verdict.problem}`,
      details: [{ message: verdict.message, property: "webhookUrl" }],
    });
  }
  await db.$transaction(async (tx) => {
    const [before] = await tx.$queryRaw<{ url: string | null }[]>`
      select webhook_url as url from channels where id = ${channelId} for update`;
    if (before === undefined) throw gone();
    if (before.url === text) return;
    await tx.channel.updateMany({ where: { id: channelId }, data: { webhookUrl: text } });
    await forgetHealth(tx, channelId);
  });
}

/**
 * Deletes a channel with its roles, settings and counts; what waits for it ends as `cancelled`. Logged webhooks and
 * single errors stay until their retention ends: they lie in partitions of all channels.
 * @throws AppError invalid when the typed name is not the channel's.
 */
export async function deleteChannel(
  db: TransactionalDb,
  channelId: string,
  typedName: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ name: string }[]>`
      select name from channels where id = ${channelId} for update`;
    if (row === undefined) throw gone();
    if (row.name !== typedName.trim()) {
      throw new AppError("invalid", "The typed name is not the channel's.", {
        key: "name_mismatch",
        details: [{ message: "must be the channel's name", property: "confirmation" }],
      });
    }
    await cancelPending(tx, channelId, { lanes: "all" });
    await forgetCounts(tx, channelId);
    await tx.channel.delete({ where: { id: channelId }, select: { id: true } });
  });
}

async function forgetCounts(tx: Db, channelId: string): Promise<void> {
  const where = { channelId };
  await tx.errorRow.deleteMany({ where });
  await tx.errorHour.deleteMany({ where });
  await tx.deliveredMinute.deleteMany({ where });
  await tx.deliveredHour.deleteMany({ where });
  await tx.notificationWindow.deleteMany({ where });
  await tx.idempotencyKey.deleteMany({ where });
  await tx.endpointHealth.deleteMany({ where });
}
