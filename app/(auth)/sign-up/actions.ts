"use server";

import { notFound } from "next/navigation";
import { after } from "next/server";
import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { EmailOnlyForm } from "#lib/accounts/schema.ts";
import { sendSignUpLink, takeSignUpTry } from "#lib/accounts/sign-up.ts";
import { env } from "#lib/env.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { currentLocale } from "#lib/web/locale.ts";
import { logDefect } from "#lib/web/log.ts";
import { NextPath } from "#lib/web/next-path.ts";
import { requestVisitor } from "#lib/web/session.ts";
import { keepNext } from "#lib/web/sign-in.ts";

const Form = EmailOnlyForm.extend({ next: NextPath });

export const askForAccount = visitorAction(Form, async ({ email, next }) => {
  if (env().signUp !== "open") notFound();
  const { db } = database();
  await takeSignUpTry(db, email, await requestVisitor());
  await keepNext(next);
  const locale = await currentLocale();
  // Afterwards: how long the answer takes must not tell whether somebody has this address.
  after(() =>
    sendSignUpLink(db, postAccountMail, { email, locale }).catch((error: unknown) =>
      logDefect(error, "a sign-up link could not be mailed"),
    ),
  );
  return { message: (await getTranslations("accounts.signUp"))("done", { email }) };
});
