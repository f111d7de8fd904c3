"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { postAccountMail } from "#app/account-mails.ts";
import { cancelEmailChange, requestEmailChange } from "#lib/accounts/change-email.ts";
import { editProfile } from "#lib/accounts/edit-profile.ts";
import { ChangeEmailForm, ProfileForm } from "#lib/accounts/schema.ts";
import { sendVerification } from "#lib/accounts/verify-email.ts";
import { saveOwnQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { OwnQuietHoursForm } from "#lib/quiet-hours/form.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { chooseTaste } from "#lib/web/taste.ts";

export const edit = userAction("profile_edited", ProfileForm, async ({ user, input }) => {
  await editProfile(database().db, user, input);
  await chooseTaste(input);
  refresh();
  const t = await getTranslations({ locale: input.locale, namespace: "common" });
  return { message: t("saved") };
});

export const setQuietHours = userAction(
  "quiet_hours_set",
  OwnQuietHoursForm,
  async ({ user, input: { hours } }) => {
    await saveOwnQuietHours(database().db, user, hours);
    refresh();
    return { message: (await getTranslations("notifications.quietHours"))("saved") };
  },
);

export const changeEmail = userAction(
  "email_change_asked",
  ChangeEmailForm,
  async ({ user, input }) => {
    const form = { ...input, sessionId: await readSessionId() };
    await requestEmailChange(database().db, postAccountMail, user, form);
    refresh();
    const t = await getTranslations("accounts.emailChange");
    return { message: t("asked", { email: input.newEmail }) };
  },
);

export const dropEmailChange = userAction(
  "email_change_dropped",
  z.object({}),
  async ({ user }) => {
    await cancelEmailChange(database().db, user);
    refresh();
    return { message: (await getTranslations("accounts.emailChange"))("dropped") };
  },
);

export const askForVerification = userAction(
  "verification_asked",
  z.object({}),
  async ({ user }) => {
    await sendVerification(database().db, postAccountMail, user);
    return { message: (await getTranslations("accounts.verify"))("sent", { email: user.email }) };
  },
);
