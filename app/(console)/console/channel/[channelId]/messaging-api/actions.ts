"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import { ChannelForm, SwitchForm, WebhookUrlForm } from "#lib/channels/schema.ts";
import * as switches from "#lib/channels/switch.ts";
import * as health from "#lib/endpoint-health/commands.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { prepareCheck, targetPolicy } from "#lib/web/targets.ts";

export const updateUrl = userAction(WebhookUrlForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "manage_messaging_api");
  await setWebhookUrl(
    database().db,
    targetPolicy(),
    user,
    channel.id,
    input.webhookUrl,
    input.seenUrl,
  );
  refresh();
  return { message: (await getTranslations("channels.webhook"))("updated") };
});

export const turnSwitch = userAction(
  SwitchForm,
  async ({ user, input: { channelId, name, on } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    const { endedCount } = await switches.turnSwitch(database().db, user, channel.id, name, on);
    refresh();
    if (endedCount === 0) return undefined;
    return { message: (await getTranslations("channels.webhook"))("ended", { count: endedCount }) };
  },
);

export const resumeSending = userAction(ChannelForm, async ({ user, input: { channelId } }) => {
  const { channel } = await requireChannel(channelId, "manage_messaging_api");
  await health.resumeSending(database().db, user, channel.id);
  refresh();
  return undefined;
});

/** For browsers without JavaScript; the others follow it step by step (verify/route.ts). */
export const verify = userAction(ChannelForm, async ({ user, input: { channelId } }) => {
  const { channel } = await requireChannel(channelId, "manage_messaging_api");
  const check = await prepareCheck(user, channel);
  return { data: await check() };
});
