"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { iconLimit, takeTry } from "#lib/accounts/rate-limit.ts";
import * as channels from "#lib/channels/commands.ts";
import * as icons from "#lib/channels/icon.ts";
import {
  cancelOverlap,
  issueSecretAtOnce,
  issueSecretWithOverlap,
  showSecrets,
  switchSecret,
} from "#lib/channels/issue-secret.ts";
import {
  ChannelBasicsForm,
  ChannelForm,
  DeleteChannelForm,
  EndOverlapForm,
  IconForm,
  IssueSecretForm,
} from "#lib/channels/schema.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { leaveChannel } from "#lib/members/commands.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const editBasics = userAction(ChannelBasicsForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "edit_basics");
  await channels.editBasics(database().db, user, input);
  refresh();
  return { message: (await getTranslations("common"))("saved") };
});

export const uploadIcon = userAction(IconForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "edit_basics");
  await takeTry(database().db, iconLimit, channel.id);
  await icons.setIcon(
    database().db,
    user,
    channel.id,
    new Uint8Array(await input.icon.arrayBuffer()),
  );
  refresh();
  return { message: (await getTranslations("common"))("saved") };
});

export const removeIcon = userAction(ChannelForm, async ({ user, input: { channelId } }) => {
  const { channel } = await requireChannel(channelId, "edit_basics");
  await icons.removeIcon(database().db, user, channel.id);
  refresh();
  return undefined;
});

export const revealSecret = userAction(ChannelForm, async ({ user, input: { channelId } }) => {
  await requireChannel(channelId, "manage_secret");
  const key = runtimeEnv().encryptionKey;
  const { current, next } = await showSecrets(database().db, key, user, channelId);
  return { data: { current, next: next?.secret ?? null } };
});

export const issueSecret = userAction(IssueSecretForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "manage_secret");
  const t = await getTranslations("channels.secret");
  const { db } = database();
  const key = runtimeEnv().encryptionKey;
  if (input.when === "at_once") {
    await issueSecretAtOnce(db, key, user, channel.id, input.seenOverlap);
    refresh();
    return { message: t("issued") };
  }
  const from = await issueSecretWithOverlap(db, key, user, channel.id);
  refresh();
  const time = formatDateTime(from, user.timeZone ?? env().displayTimeZone);
  return { message: t("issuedOverlap", { time }) };
});

export const switchSecretNow = userAction(EndOverlapForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "manage_secret");
  await switchSecret(
    database().db,
    runtimeEnv().encryptionKey,
    user,
    channel.id,
    input.seenOverlap,
  );
  refresh();
  return { message: (await getTranslations("channels.secret"))("switched") };
});

export const keepOldSecret = userAction(EndOverlapForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "manage_secret");
  await cancelOverlap(database().db, user, channel.id, input.seenOverlap);
  refresh();
  return { message: (await getTranslations("channels.secret"))("cancelled") };
});

export const leave = userAction(ChannelForm, async ({ input: { channelId } }) => {
  const { user } = await requireChannel(channelId, "leave_channel");
  await leaveChannel(database().db, user, channelId);
  redirect("/console");
});

export const remove = userAction(DeleteChannelForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "delete_channel");
  await channels.deleteChannel(database().db, user, channel.id, input.confirmation);
  redirect(`/console/provider/${channel.providerId}/channels`);
});
