import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { editBasics, setWebhookUrl } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { TransactionalDb } from "#lib/db.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import type { ChannelPatch } from "./schema.ts";

const switches = ["webhookRedelivery", "errorStatisticsAggregation", "useWebhook"] as const;

/**
 * Changes what is given, through the commands that the console uses: basic settings, then the URL, then the switches. What can
 * be known to be refused is looked at before anything is changed; each step stands by itself.
 * @throws AppError as editBasics, setWebhookUrl and turnSwitch.
 */
export async function patchChannel(
  { db, policy }: { db: TransactionalDb; policy: TargetPolicy },
  actor: Actor,
  channelId: string,
  patch: ChannelPatch,
): Promise<void> {
  const { webhookUrl, useWebhook, webhookRedelivery, errorStatisticsAggregation, ...basics } =
    patch;
  await foresee({ db, policy }, channelId, patch);
  await editBasics(db, actor, { channelId, ...defined(basics) });
  if (webhookUrl !== undefined) await setWebhookUrl(db, policy, actor, channelId, webhookUrl);
  const wanted = { useWebhook, webhookRedelivery, errorStatisticsAggregation };
  for (const name of switches) {
    const on = wanted[name];
    if (on !== undefined) await turnSwitch(db, actor, channelId, name, on);
  }
}

async function foresee(
  { db, policy }: { db: TransactionalDb; policy: TargetPolicy },
  channelId: string,
  { webhookUrl, useWebhook }: ChannelPatch,
): Promise<void> {
  const verdict = webhookUrl === undefined ? null : policy.checkUrl(webhookUrl);
  if (verdict?.ok === false) {
    const details = [{ message: verdict.message, property: "webhookUrl" }];
    throw new AppError("invalid", verdict.message, { details });
  }
  if (useWebhook !== true) return;
  const channel = await db.channel.findUnique({
    where: { id: channelId },
    select: { webhookUrl: true, disabledAt: true },
  });
  if (channel?.disabledAt != null) {
    throw new AppError("conflict", "An operator has disabled this channel.");
  }
  if (channel?.webhookUrl === null && webhookUrl === undefined) {
    throw new AppError("conflict", "Set a Webhook URL first.");
  }
}

/** Leaves out what was not given: `undefined` would be taken for a change. */
function defined<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}
