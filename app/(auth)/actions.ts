"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { changeLocale, setUpOperator } from "#lib/accounts/commands.ts";
import { SetUpForm, SignInForm } from "#lib/accounts/schema.ts";
import { locales } from "#lib/messages/locales.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { chooseLocale, currentLocale } from "#lib/web/locale.ts";
import { currentUser, endSession, requestVisitor } from "#lib/web/session.ts";
import { startSession } from "#lib/web/sign-in.ts";

export const setUp = visitorAction(SetUpForm, async (form) => {
  const account = { ...form, locale: await currentLocale() };
  await setUpOperator(database().db, account, await requestVisitor());
  await startSession(form);
  redirect("/console");
});

export const signIn = visitorAction(SignInForm, async (form) => {
  await startSession(form);
  redirect("/console");
});

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
