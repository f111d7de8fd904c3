"use server";

import { after } from "next/server";
import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { sendResetLink, takeResetTry } from "#lib/accounts/reset-password.ts";
import { EmailOnlyForm } from "#lib/accounts/schema.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { logDefect } from "#lib/web/log.ts";
import { NextPath } from "#lib/web/next-path.ts";
import { requestVisitor } from "#lib/web/session.ts";
import { keepNext } from "#lib/web/sign-in.ts";

const Form = EmailOnlyForm.extend({ next: NextPath });

export const askForReset = visitorAction(Form, async ({ email, next }) => {
  const { db } = database();
  const visitor = await requestVisitor();
  await takeResetTry(db, email, visitor);
  await keepNext(next);
  // Afterwards: how long the answer takes must not tell whether somebody has this address.
  after(() =>
    sendResetLink(db, postAccountMail, email, visitor).catch((error: unknown) =>
      logDefect(error, "a reset link could not be mailed"),
    ),
  );
  return { message: (await getTranslations("accounts.forgot"))("done", { email }) };
});
