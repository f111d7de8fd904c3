import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { editBasics, setWebhookUrl } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import { type ChannelSwitch, channelSwitches, switchNames } from "#lib/channels/switches.ts";
import type { TransactionalDb } from "#lib/db.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import type { ChannelPatch } from "./schema.ts";

/** Those that may be refused, and that begin to send, come last. */
const switches = switchNames.toSorted(
  (one, other) => Number(channelSwitches[one].sends) - Number(channelSwitches[other].sends),
);

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
  const { webhookUrl, ...given } = patch;
  await foresee({ db, policy }, channelId, patch);
  await editBasics(db, actor, { channelId, ...basicsOf(given) });
  if (webhookUrl !== undefined) await setWebhookUrl(db, policy, actor, channelId, webhookUrl);
  for (const name of switches) {
    const on = given[name];
    if (on !== undefined) await turnSwitch(db, actor, channelId, name, on);
  }
}

async function foresee(
  { db, policy }: { db: TransactionalDb; policy: TargetPolicy },
  channelId: string,
  { webhookUrl, ...given }: ChannelPatch,
): Promise<void> {
  const verdict = webhookUrl === undefined ? null : policy.checkUrl(webhookUrl);
  if (verdict?.ok === false) {
    const details = [{ message: verdict.message, property: "webhookUrl" }];
    throw new AppError("invalid", verdict.message, { details });
  }
  if (!switchNames.some((name) => channelSwitches[name].sends && given[name] === true)) return;
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

/** What is neither URL nor switch, without what was not given: `undefined` would be taken for a change. */
function basicsOf<Fields extends object>(fields: Fields): Basics<Fields> {
  const others = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && !(name in channelSwitches),
  );
  return Object.fromEntries(others) as Basics<Fields>;
}

type Basics<Fields> = {
  [Name in Exclude<keyof Fields, ChannelSwitch>]?: Exclude<Fields[Name], undefined>;
};
