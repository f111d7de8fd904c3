"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import * as alerts from "#lib/alerts/commands.ts";
import { AddTargetForm, TargetForm } from "#lib/alerts/target-form.ts";
import { askAgain as askForConfirmation } from "#lib/channels/confirm-address.ts";
import { ChannelForm } from "#lib/channels/schema.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { applyForNotification } from "#lib/grants/commands.ts";
import { ApplyForm } from "#lib/grants/schema.ts";
import { PreferenceForm } from "#lib/notifications/preference-form.ts";
import { savePreferences } from "#lib/notifications/save-preferences.ts";
import { saveChannelQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { saveThreshold } from "#lib/notifications/save-threshold.ts";
import { sendTestMail } from "#lib/notifications/send-test-mail.ts";
import { ThresholdForm } from "#lib/notifications/threshold-form.ts";
import { ChannelQuietHoursForm } from "#lib/quiet-hours/form.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";
import { targetPolicy } from "#lib/web/targets.ts";

export const apply = userAction("notification_applied", ApplyForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "manage_notifications");
  await applyForNotification(database().db, user, input);
  refresh();
  return { message: (await getTranslations("notifications.function"))("applied") };
});

export const save = userAction(
  "mail_preferences_changed",
  PreferenceForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "manage_notifications");
    const address = input.whose === "own" ? user.email : channel.email;
    await savePreferences(database().pool, user, address, input);
    refresh();
    return { message: (await getTranslations("notifications.recipients"))("saved") };
  },
);

export const setThreshold = userAction(
  "threshold_changed",
  ThresholdForm,
  async ({ user, input }) => {
    await requireChannel(input.channelId, "manage_notifications");
    await saveThreshold(database().db, user, input);
    refresh();
    return { message: (await getTranslations("notifications.threshold"))("saved") };
  },
);

export const setQuietHours = userAction(
  "channel_quiet_hours_set",
  ChannelQuietHoursForm,
  async ({ user, input: { channelId, hours } }) => {
    await requireChannel(channelId, "manage_notifications");
    await saveChannelQuietHours(database().db, user, channelId, hours);
    refresh();
    return { message: (await getTranslations("notifications.quietHours"))("saved") };
  },
);

export const askAgain = userAction(
  "address_confirmation_sent",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    await requireChannel(channelId, "manage_notifications");
    await askForConfirmation(database().db, user, user.locale, channelId);
    return { message: (await getTranslations("notifications.recipients"))("asked") };
  },
);

export const sendTest = userAction(
  "test_mail_sent",
  ChannelForm,
  async ({ user, input: { channelId } }) => {
    await requireChannel(channelId, "manage_notifications");
    await sendTestMail(database().db, user, env().notificationPolicy.access, channelId);
    return { message: (await getTranslations("notifications.recipients"))("tested") };
  },
);

export const addTarget = userAction(
  "alert_target_added",
  AddTargetForm,
  async ({ user, input }) => {
    await requireChannel(input.channelId, "manage_notifications");
    await requireProvenPerson(user);
    const guard = { policy: targetPolicy(), encryptionKey: runtimeEnv().encryptionKey };
    const { secret } = await alerts.addTarget(database().db, guard, user, input);
    refresh();
    return { message: (await getTranslations("notifications.targets"))("added"), data: secret };
  },
);

export const removeTarget = userAction(
  "alert_target_removed",
  TargetForm,
  async ({ user, input }) => {
    await requireChannel(input.channelId, "manage_notifications");
    await alerts.removeTarget(database().db, user, input);
    refresh();
    return { message: (await getTranslations("notifications.targets"))("removed") };
  },
);

export const testTarget = userAction("alert_target_tested", TargetForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "manage_notifications");
  await alerts.testTarget(database().db, user, env().baseUrl, input);
  refresh();
  return { message: (await getTranslations("notifications.targets"))("tested") };
});
