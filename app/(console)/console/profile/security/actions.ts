"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { postAccountMail } from "#app/account-mails.ts";
import * as account from "#lib/accounts/change-password.ts";
import { deleteAccount } from "#lib/accounts/delete-account.ts";
import { endOneSession, endOtherSessions } from "#lib/accounts/edit-profile.ts";
import { unlinkProvider } from "#lib/accounts/external-accounts.ts";
import {
  ChangePasswordForm,
  CodeOnlyForm,
  ConfirmPasswordForm,
  ProviderForm,
  SessionForm,
} from "#lib/accounts/schema.ts";
import * as factor from "#lib/accounts/second-factor.ts";
import { runtimeEnv } from "#lib/env.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { endSession } from "#lib/web/session.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { startLinking } from "#lib/web/sign-in.ts";

const key = () => runtimeEnv().encryptionKey;

export const changePassword = userAction(ChangePasswordForm, async ({ user, input }) => {
  const form = { ...input, keepSessionId: await readSessionId() };
  await account.changePassword(database().db, postAccountMail, user, form);
  refresh();
  return { message: (await getTranslations("accounts.security"))("password.done") };
});

export const offerFactor = userAction(ConfirmPasswordForm, async ({ user, input }) => {
  await factor.offerSecondFactor(database().db, key(), user, input.currentPassword);
  refresh();
  return undefined;
});

export const withdrawFactor = userAction(z.object({}), async ({ user }) => {
  await factor.withdrawSecondFactor(database().db, user.id);
  refresh();
  return undefined;
});

export const confirmFactor = userAction(CodeOnlyForm, async ({ user, input }) => {
  const { db } = database();
  const data = await factor.confirmSecondFactor(db, postAccountMail, key(), user, input.code);
  return { data };
});

export const removeFactor = userAction(CodeOnlyForm, async ({ user, input }) => {
  await factor.removeSecondFactor(database().db, postAccountMail, key(), user, input.code);
  refresh();
  return { message: (await getTranslations("accounts.factor"))("removed") };
});

export const renewCodes = userAction(CodeOnlyForm, async ({ user, input }) => {
  const { db } = database();
  const data = await factor.renewRecoveryCodes(db, postAccountMail, key(), user, input.code);
  return { data };
});

export const link = userAction(ProviderForm, async ({ user, input }) =>
  startLinking(user.id, input.provider),
);

export const unlink = userAction(ProviderForm, async ({ user, input }) => {
  await unlinkProvider(database().db, postAccountMail, user, input.provider);
  refresh();
  return { message: (await getTranslations("accounts.providers"))("unlinked") };
});

export const endOne = userAction(SessionForm, async ({ user, input }) => {
  await endOneSession(database().db, user, input.key);
  refresh();
  return { message: (await getTranslations("accounts.sessions"))("ended", { count: 1 }) };
});

export const endOthers = userAction(z.object({}), async ({ user }) => {
  const { endedCount } = await endOtherSessions(database().db, user, await readSessionId());
  refresh();
  const t = await getTranslations("accounts.sessions");
  return { message: t("ended", { count: endedCount }) };
});

export const remove = userAction(ConfirmPasswordForm, async ({ user, input }) => {
  await deleteAccount(database().db, postAccountMail, user, input.currentPassword);
  await endSession();
  redirect("/sign-in");
});
