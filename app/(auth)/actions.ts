"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { setUpOperator } from "#lib/accounts/commands.ts";
import { editProfile } from "#lib/accounts/edit-profile.ts";
import {
  CodeOnlyForm,
  LocaleForm,
  SetUpForm,
  SignInForm,
  SignInProviderForm,
  ThemeForm,
} from "#lib/accounts/schema.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { chooseLocale } from "#lib/web/locale.ts";
import { NextPath, safePath, signInPath } from "#lib/web/next-path.ts";
import { currentUser, endSession, requestVisitor } from "#lib/web/session.ts";
import {
  finishWithCode,
  keepNext,
  startSession,
  startWithProvider,
  takeNextPath,
} from "#lib/web/sign-in.ts";
import { chooseTheme, currentTaste } from "#lib/web/taste.ts";

const Next = { next: NextPath };

export const setUp = visitorAction(SetUpForm, async (form) => {
  const from = await requestVisitor();
  await setUpOperator(database().db, { ...form, ...(await currentTaste()) }, from);
  await startSession(form);
  redirect("/console");
});

export const signIn = visitorAction(SignInForm.extend(Next), async ({ next, ...form }) => {
  await keepNext(next);
  await startSession(form);
  redirect(await takeNextPath());
});

export const signInWithCode = visitorAction(CodeOnlyForm, async ({ code }) => {
  await finishWithCode(code);
  redirect(await takeNextPath());
});

export const signInWithProvider = visitorAction(
  SignInProviderForm.extend(Next),
  async ({ provider, next }) => {
    await keepNext(next);
    return startWithProvider(provider, safePath(next) ?? "/console");
  },
);

export const signOut = visitorAction(z.object(Next), async ({ next }) => {
  await endSession();
  redirect(signInPath(next));
});

export const switchLanguage = visitorAction(LocaleForm, async ({ locale }) => {
  chooseLocale(await cookies(), locale);
  const user = await currentUser();
  if (user !== null) await editProfile(database().db, user, { locale });
  return undefined;
});

export const switchTheme = visitorAction(ThemeForm, async ({ theme }) => {
  chooseTheme(await cookies(), theme);
  const user = await currentUser();
  if (user !== null) await editProfile(database().db, user, { theme });
  return undefined;
});
