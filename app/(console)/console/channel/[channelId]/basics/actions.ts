"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
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
import { iconLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { leaveChannel } from "#lib/members/commands.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";

export const editBasics = userAction(
  "channel_edited",
  ChannelBasicsForm,
  async ({ user, input }) => {
    await requireChannel(input.channelId, "edit_basics");
    await channels.editBasics(database().db, user, input);
    refresh();
    return { message: (await getTranslations("common"))("saved") };
  },
);

export const uploadIcon = userAction("channel_icon_set", IconForm, async ({ user, input }) => {
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

export const removeIcon = userAction(
  "channel_icon_removed",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    const { channel } = await requireChannel(channelId, "edit_basics");
    await icons.removeIcon(database().db, user, channel.id);
    refresh();
    return undefined;
  },
);

export const revealSecret = userAction(
  "secret_revealed",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    await requireChannel(channelId, "manage_secret");
    await requireProvenPerson(user);
    const key = runtimeEnv().encryptionKey;
    const { current, next } = await showSecrets(database().db, key, user, channelId);
    return { data: { current, next: next?.secret ?? null } };
  },
);

export const issueSecret = userAction(
  { action: ({ when }) => (when === "at_once" ? "secret_issued" : "secret_overlap_begun") },
  IssueSecretForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "manage_secret");
    await requireProvenPerson(user);
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
  },
);

export const switchSecretNow = userAction(
  "secret_switched",
  EndOverlapForm,
  async ({ user, input }) => {
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
  },
);

export const keepOldSecret = userAction(
  "secret_overlap_cancelled",
  EndOverlapForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "manage_secret");
    await cancelOverlap(database().db, user, channel.id, input.seenOverlap);
    refresh();
    return { message: (await getTranslations("channels.secret"))("cancelled") };
  },
);

export const leave = userAction("member_left", ChannelForm, async ({ input: { channelId } }) => {
  const { user } = await requireChannel(channelId, "leave_channel");
  await leaveChannel(database().db, user, channelId);
  leadTo("/console");
});

export const remove = userAction("channel_deleted", DeleteChannelForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "delete_channel");
  await channels.deleteChannel(database().db, user, channel.id, input.confirmation);
  leadTo(`/console/provider/${channel.providerId}/channels`);
});
