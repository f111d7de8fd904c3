"use server";

import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { confirmEmailChange } from "#lib/accounts/change-email.ts";
import { LinkForm } from "#lib/accounts/schema.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requestVisitor } from "#lib/web/session.ts";

export const confirm = visitorAction(LinkForm, async ({ token }) => {
  const state = await confirmEmailChange(
    database().db,
    postAccountMail,
    token,
    await requestVisitor(),
  );
  return { message: (await getTranslations("accounts.emailChange"))(state) };
});
