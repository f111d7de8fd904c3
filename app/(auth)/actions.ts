"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { changeLocale, setUpOperator } from "#lib/accounts/commands.ts";
import { CodeOnlyForm, ProviderForm, SetUpForm, SignInForm } from "#lib/accounts/schema.ts";
import { locales } from "#lib/messages/locales.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { keepFlow } from "#lib/web/flow-cookies.ts";
import { chooseLocale, currentLocale } from "#lib/web/locale.ts";
import { safePath } from "#lib/web/next-path.ts";
import { currentUser, endSession, requestVisitor } from "#lib/web/session.ts";
import { finishWithCode, startSession, startWithProvider, takeNextPath } from "#lib/web/sign-in.ts";

const Next = { next: z.string().max(500).default("") };

async function keepNext(next: string): Promise<void> {
  const path = safePath(next);
  if (path !== null) await keepFlow("next", path);
}

export const setUp = visitorAction(SetUpForm, async (form) => {
  const from = await requestVisitor();
  await setUpOperator(database().db, { ...form, locale: await currentLocale() }, from);
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
  ProviderForm.extend(Next),
  async ({ provider, next }) => {
    await keepNext(next);
    return startWithProvider(provider, safePath(next) ?? "/console");
  },
);

export const signOut = visitorAction(z.object({}), async () => {
  await endSession();
  redirect("/sign-in");
});

export const switchLanguage = visitorAction(
  z.object({ locale: z.enum(locales) }),
  async ({ locale }) => {
    chooseLocale(await cookies(), locale);
    const user = await currentUser();
    if (user !== null) await changeLocale(database().db, user.id, locale);
    return undefined;
  },
);
