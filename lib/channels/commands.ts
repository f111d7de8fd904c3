import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { changedFields } from "#lib/audit/changed-fields.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { endLeftBehind } from "#lib/cancellations/cancel-waiting.ts";
import {
  newBotUserId,
  newChannelSecret,
  newDecimalId,
  sealChannelSecret,
} from "#lib/channel-secrets/secret.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { forgetHealth } from "#lib/endpoint-health/commands.ts";
import { holdProvider } from "#lib/members/hold-provider.ts";
import { requireChannelRight, requireProviderRight } from "#lib/members/require-right.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import { confirmOrAsk } from "./confirm-address.ts";
import type { ChannelBasicsForm, CreateChannelForm } from "./schema.ts";

const gone = () => new AppError("not_found", "The channel no longer exists.");

/**
 * Makes a channel with every switch off; a person who makes it becomes its first Admin. The secret is sealed with `key`.
 * @throws AppError not_found for an unknown provider, conflict while it is disabled; as requireProviderRight.
 */
export async function createChannel(
  db: TransactionalDb,
  key: Buffer,
  actor: Actor,
  form: CreateChannelForm,
): Promise<{ channelId: string }> {
  const id = newDecimalId();
  const members =
    actor.kind === "user" ? { create: { userId: actor.id, role: "admin" as const } } : {};
  const { providerId, ...after } = form;
  await db.$transaction(async (tx) => {
    await requireProviderRight(tx, actor, providerId, "create_channel");
    await keepOutOfDisabled(tx, providerId);
    await tx.channel.create({
      data: {
        ...form,
        id,
        botUserId: newBotUserId(),
        sealedSecret: sealChannelSecret(key, id, newChannelSecret()),
        members,
      },
      select: { id: true },
    });
    await confirmOrAsk(tx, actor, { ...form, id });
    await recordAudit(tx, { actor, action: "channel_created", channelId: id, providerId, after });
  });
  return { channelId: id };
}

/** Of a creation and a disabling at once, either the provider's disabling finds the channel or it is refused. */
async function keepOutOfDisabled(tx: Db, providerId: string): Promise<void> {
  const provider = await holdProvider(tx, providerId);
  if (provider === null) throw new AppError("not_found", "The provider no longer exists.");
  if (!provider.isDisabled) return;
  throw new AppError("conflict", "The provider is disabled: ask the operators of the platform.", {
    key: "provider_is_disabled",
  });
}

/**
 * Changes what is given. With `version` only what was filled from that one: else somebody else's edit would be undone.
 * @throws AppError conflict (changed meanwhile); as requireChannelRight.
 */
export async function editBasics(
  db: TransactionalDb,
  actor: Actor,
  form: Partial<ChannelBasicsForm> & { channelId: string },
): Promise<void> {
  const { channelId, version, ...data } = form;
  await db.$transaction(async (tx) => {
    const { version: current, ...before } = await lockBasics(tx, channelId);
    await requireChannelRight(tx, actor, channelId, "edit_basics");
    if (version !== undefined && version !== current) throw stale();
    const changed = changedFields(before, data);
    if (changed === null) return;
    await tx.channel.update({
      where: { id: channelId },
      data: { ...data, version: { increment: 1 } },
      select: { id: true },
    });
    const after = { ...before, ...data };
    if (before.email !== after.email) await confirmOrAsk(tx, actor, { ...after, id: channelId });
    await recordAudit(tx, { actor, action: "channel_edited", channelId, ...changed });
  });
}

const stale = () =>
  new AppError("conflict", "Someone else changed it in the meantime: read it again.", {
    key: "stale_form",
  });

async function lockBasics(tx: Db, id: string): Promise<Omit<ChannelBasicsForm, "channelId">> {
  const [row] = await tx.$queryRaw<Omit<ChannelBasicsForm, "channelId">[]>`
    select version, name, description, email, privacy_policy_url as "privacyPolicyUrl", terms_of_use_url as "termsOfUseUrl"
      from channels where id = ${id} for no key update`;
  if (row === undefined) throw gone();
  return row;
}

/**
 * Sets where webhooks go. What waits for redelivery goes to the new URL; how the old one did is forgotten, and a
 * suspension with it.
 * `seenUrl` is the one that the person saw; left out by programs, which know what they want.
 * @throws AppError invalid, at the field `webhookUrl`, when the target policy refuses it; conflict when another one stands
 * there than was seen; as requireChannelRight and requireProof.
 */
export async function setWebhookUrl(
  db: TransactionalDb,
  policy: TargetPolicy,
  actor: Actor,
  channelId: string,
  text: string,
  seenUrl?: string | null,
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
    await requireChannelRight(tx, actor, channelId, "manage_messaging_api");
    if (before.url === text) return;
    await requireProof(tx, actor);
    if (seenUrl !== undefined && before.url !== seenUrl) throw stale();
    await tx.channel.updateMany({ where: { id: channelId }, data: { webhookUrl: text } });
    await forgetHealth(tx, [channelId]);
    await recordAudit(tx, {
      actor,
      action: "webhook_url_set",
      channelId,
      before: { webhookUrl: before.url },
      after: { webhookUrl: text },
    });
  });
}

/**
 * Deletes a channel with its roles and settings. From the commit on nothing is sent for it any more; what waits for it is
 * ended as `cancelled` and what was counted is forgotten some at a time afterwards (lib/cancellations/step.ts). Logged
 * webhooks and single errors stay until their retention ends: they lie in partitions of all channels.
 * @throws AppError invalid when the typed name is not the channel's; as requireChannelRight.
 */
export async function deleteChannel(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  typedName: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ name: string; providerId: string }[]>`
      select name, provider_id as "providerId" from channels where id = ${channelId} for update`;
    if (row === undefined) throw gone();
    await requireChannelRight(tx, actor, channelId, "delete_channel");
    if (row.name !== typedName.trim()) {
      throw new AppError("invalid", "The name you typed is not the channel's.", {
        key: "name_mismatch",
        details: [{ message: "must be the channel's name", property: "confirmation" }],
      });
    }
    await tx.channel.delete({ where: { id: channelId }, select: { id: true } });
    await endLeftBehind(tx, [channelId]);
    await tx.notificationWindow.deleteMany({ where: { channelId } });
    await tx.endpointHealth.deleteMany({ where: { channelId } });
    await recordAudit(tx, {
      actor,
      action: "channel_deleted",
      channelId,
      providerId: row.providerId,
      before: { name: row.name },
    });
  });
}
