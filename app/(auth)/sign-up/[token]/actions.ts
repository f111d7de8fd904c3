"use server";

import { redirect } from "next/navigation";
import { NewAccountForm } from "#lib/accounts/schema.ts";
import { completeSignUp } from "#lib/accounts/sign-up.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requestVisitor } from "#lib/web/session.ts";
import { startSession, takeNextPath } from "#lib/web/sign-in.ts";
import { currentTaste } from "#lib/web/taste.ts";

export const signUp = visitorAction(NewAccountForm, async (form) => {
  const account = { ...form, ...(await currentTaste()) };
  const { email } = await completeSignUp(database().db, account, await requestVisitor());
  await startSession({ email, password: form.password });
  redirect(await takeNextPath());
});
