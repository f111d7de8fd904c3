"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import * as channels from "#lib/channels/commands.ts";
import { ChannelBasicsForm, ChannelForm, DeleteChannelForm } from "#lib/channels/schema.ts";
import { runtimeEnv } from "#lib/env.ts";
import { leaveChannel } from "#lib/members/commands.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const editBasics = userAction(ChannelBasicsForm, async ({ input }) => {
  await requireChannel(input.channelId, "edit_basics");
  await channels.editBasics(database().db, input);
  refresh();
  return { message: (await getTranslations("common"))("saved") };
});

export const revealSecret = userAction(ChannelForm, async ({ input: { channelId } }) => {
  await requireChannel(channelId, "manage_secret");
  const key = runtimeEnv().encryptionKey;
  return { data: await channels.revealSecret(database().db, key, channelId) };
});

export const reissueSecret = userAction(ChannelForm, async ({ input: { channelId } }) => {
  await requireChannel(channelId, "manage_secret");
  await channels.reissueSecret(database().db, runtimeEnv().encryptionKey, channelId);
  return { message: (await getTranslations("channels.secret"))("issued") };
});

export const leave = userAction(ChannelForm, async ({ input: { channelId } }) => {
  const { user } = await requireChannel(channelId, "leave_channel");
  await leaveChannel(database().db, user.id, channelId);
  redirect("/console");
});

export const remove = userAction(DeleteChannelForm, async ({ input }) => {
  const { channel } = await requireChannel(input.channelId, "delete_channel");
  await channels.deleteChannel(database().db, channel.id, input.confirmation);
  redirect(`/console/provider/${channel.providerId}/channels`);
});
