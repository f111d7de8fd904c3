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
import { proveAgain } from "#lib/accounts/recent-proof.ts";
import {
  ChangePasswordForm,
  CodeOnlyForm,
  ConfirmPasswordForm,
  DeleteAccountForm,
  SessionForm,
  SignInAgainForm,
  SignInProviderForm,
} from "#lib/accounts/schema.ts";
import * as factor from "#lib/accounts/second-factor.ts";
import { runtimeEnv } from "#lib/env.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";
import { endSession } from "#lib/web/session.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { startAgainWithProvider, startLinking } from "#lib/web/sign-in.ts";

const key = () => runtimeEnv().encryptionKey;

export const changePassword = userAction(
  "password_changed",
  ChangePasswordForm,
  async ({ user, input }) => {
    const form = { ...input, sessionId: await readSessionId() };
    await account.changePassword(database().db, postAccountMail, user, form);
    refresh();
    return { message: (await getTranslations("accounts.security"))("password.done") };
  },
);

/** For pages that show secrets: the password once more, where the sign-in is long ago. */
export const confirmPerson = userAction(
  "person_confirmed",
  ConfirmPasswordForm,
  async ({ user, input }) => {
    await proveAgain(database().db, user, { ...input, sessionId: await readSessionId() });
    refresh();
    return undefined;
  },
);

export const offerFactor = userAction(
  "second_factor_on",
  ConfirmPasswordForm,
  async ({ user, input }) => {
    const proof = { ...input, sessionId: await readSessionId() };
    await factor.offerSecondFactor(database().db, key(), user, proof);
    refresh();
    return undefined;
  },
);

export const withdrawFactor = userAction("second_factor_off", z.object({}), async ({ user }) => {
  await factor.withdrawSecondFactor(database().db, user);
  refresh();
  return undefined;
});

export const confirmFactor = userAction(
  "second_factor_on",
  CodeOnlyForm,
  async ({ user, input }) => {
    const { db } = database();
    const form = { ...input, sessionId: await readSessionId() };
    const data = await factor.confirmSecondFactor(db, postAccountMail, key(), user, form);
    return { data };
  },
);

export const removeFactor = userAction(
  "second_factor_off",
  CodeOnlyForm,
  async ({ user, input }) => {
    await factor.removeSecondFactor(database().db, postAccountMail, key(), user, input.code);
    refresh();
    return { message: (await getTranslations("accounts.factor"))("removed") };
  },
);

export const renewCodes = userAction(
  "recovery_codes_made",
  CodeOnlyForm,
  async ({ user, input }) => {
    const { db } = database();
    const data = await factor.renewRecoveryCodes(db, postAccountMail, key(), user, input.code);
    return { data };
  },
);

export const link = userAction("provider_linked", SignInProviderForm, async ({ user, input }) => {
  await requireProvenPerson(user);
  return startLinking(user, input.provider);
});

export const unlink = userAction(
  "provider_unlinked",
  SignInProviderForm,
  async ({ user, input }) => {
    await unlinkProvider(database().db, postAccountMail, user, input.provider);
    refresh();
    return { message: (await getTranslations("accounts.providers"))("unlinked") };
  },
);

/** For people without a password, from the forms that need proof of who is there; leads back to their page. */
export const signInAgain = userAction("signed_in", SignInAgainForm, async ({ input }) =>
  startAgainWithProvider(input.provider, input.next),
);

export const endOne = userAction("sessions_ended", SessionForm, async ({ user, input }) => {
  await endOneSession(database().db, user, input.key);
  refresh();
  return { message: (await getTranslations("accounts.sessions"))("ended", { count: 1 }) };
});

export const endOthers = userAction("sessions_ended", z.object({}), async ({ user }) => {
  const { endedCount } = await endOtherSessions(database().db, user, await readSessionId());
  refresh();
  const t = await getTranslations("accounts.sessions");
  return { message: t("ended", { count: endedCount }) };
});

export const remove = userAction("account_deleted", DeleteAccountForm, async ({ user, input }) => {
  const proof = { ...input, sessionId: await readSessionId() };
  await deleteAccount(database().db, postAccountMail, user, proof);
  await endSession();
  redirect("/sign-in");
});
