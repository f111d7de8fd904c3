"use server";

import { redirect } from "next/navigation";
import { postAccountMail } from "#app/account-mails.ts";
import { resetPassword } from "#lib/accounts/reset-password.ts";
import { reportQuery } from "#lib/accounts/reset-report.ts";
import { ResetPasswordForm } from "#lib/accounts/schema.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requestVisitor } from "#lib/web/session.ts";
import { readNextPath } from "#lib/web/sign-in.ts";

export const reset = visitorAction(ResetPasswordForm, async (form) => {
  const visitor = await requestVisitor();
  const outcome = await resetPassword(database().db, postAccountMail, form, visitor);
  const next = await readNextPath();
  const along = next === null ? "" : `&${new URLSearchParams({ next })}`;
  redirect(`/sign-in${reportQuery(outcome)}${along}`);
});
