"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import * as signatures from "#lib/channels/check-signature.ts";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import {
  ChannelForm,
  CheckSignatureForm,
  type SwitchAnswer,
  SwitchForm,
  VerifyForm,
  WebhookUrlForm,
} from "#lib/channels/schema.ts";
import * as setUp from "#lib/channels/set-up.ts";
import * as switches from "#lib/channels/switch.ts";
import * as health from "#lib/endpoint-health/commands.ts";
import { runtimeEnv } from "#lib/env.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { IssueChannelTokenForm } from "#lib/tokens/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";
import { prepareCheck, targetPolicy } from "#lib/web/targets.ts";

export const updateUrl = userAction("webhook_url_set", WebhookUrlForm, async ({ user, input }) => {
  const { channel } = await requireChannel(input.channelId, "manage_messaging_api");
  await requireProvenPerson(user);
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

export const turnSwitch = userAction<typeof SwitchForm, SwitchAnswer>(
  "switch_turned",
  SwitchForm,
  async ({ user, input: { channelId, name, on, meant } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    if (meant === "no") return undefined;
    const { db } = database();
    const asked = { name, on, isMeant: meant === "true" };
    const turned = await switches.turnSwitchAsking(db, user, channel.id, asked);
    if ("wouldCancel" in turned) return { data: { wouldCancel: turned.wouldCancel } };
    const { endedCount, isEndingMore } = turned;
    refresh();
    const t = await getTranslations("channels.webhook");
    if (isEndingMore) return { message: t("endingMore") };
    return endedCount === 0 ? undefined : { message: t("ended", { count: endedCount }) };
  },
);

export const dismissSetUp = userAction(
  "set_up_dismissed",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    await setUp.dismissSetUp(database().db, user, channel.id);
    refresh();
    return undefined;
  },
);

export const resumeSending = userAction(
  "sending_resumed",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    await health.resumeSending(database().db, user, channel.id);
    refresh();
    return undefined;
  },
);

/** For browsers without JavaScript; the others follow it step by step (verify/route.ts). */
export const verify = userAction(
  "webhook_verified",
  VerifyForm,
  async ({ user, input: { channelId, sample } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    const check = await prepareCheck(user, channel, sample);
    return { data: await check() };
  },
);

export const checkSignature = userAction(
  "signature_checked",
  CheckSignatureForm,
  async ({ user, input: { channelId, body, signature } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    const { encryptionKey } = runtimeEnv();
    const asked = { channelId: channel.id, body, signature };
    return { data: await signatures.checkSignature(database().db, encryptionKey, user, asked) };
  },
);

export const issueToken = userAction(
  "channel_token_issued",
  IssueChannelTokenForm,
  async ({ user, input: { channelId, keepHours } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    await requireProvenPerson(user);
    const token = await issueChannelToken(database().db, user, {
      channelId: channel.id,
      keepHours,
    });
    refresh();
    return { data: token };
  },
);

export const revokeTokens = userAction(
  "channel_token_revoked",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    const { channel } = await requireChannel(channelId, "manage_messaging_api");
    await revokeChannelTokens(database().db, user, channel.id);
    refresh();
    return { message: (await getTranslations("channels.tokens"))("revoked") };
  },
);
