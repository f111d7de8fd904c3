"use server";

import { refresh } from "next/cache";
import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { postAccountMail } from "#app/account-mails.ts";
import { cancelEmailChange, requestEmailChange } from "#lib/accounts/change-email.ts";
import { editProfile } from "#lib/accounts/edit-profile.ts";
import { ChangeEmailForm, ProfileForm } from "#lib/accounts/schema.ts";
import { sendVerification } from "#lib/accounts/verify-email.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { chooseLocale } from "#lib/web/locale.ts";

export const edit = userAction(ProfileForm, async ({ user, input }) => {
  await editProfile(database().db, user, input);
  chooseLocale(await cookies(), input.locale);
  refresh();
  const t = await getTranslations({ locale: input.locale, namespace: "common" });
  return { message: t("saved") };
});

export const changeEmail = userAction(ChangeEmailForm, async ({ user, input }) => {
  await requestEmailChange(database().db, postAccountMail, user, input);
  refresh();
  const t = await getTranslations("accounts.emailChange");
  return { message: t("asked", { email: input.newEmail }) };
});

export const dropEmailChange = userAction(z.object({}), async ({ user }) => {
  await cancelEmailChange(database().db, user);
  refresh();
  return { message: (await getTranslations("accounts.emailChange"))("dropped") };
});

export const askForVerification = userAction(z.object({}), async ({ user }) => {
  await sendVerification(database().db, postAccountMail, user);
  return { message: (await getTranslations("accounts.verify"))("sent", { email: user.email }) };
});
