"use server";

import { getTranslations } from "next-intl/server";
import { LinkForm } from "#lib/accounts/schema.ts";
import { verifyEmail } from "#lib/accounts/verify-email.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requestVisitor } from "#lib/web/session.ts";

export const verify = visitorAction(LinkForm, async ({ token }) => {
  await verifyEmail(database().db, token, await requestVisitor());
  return { message: (await getTranslations("accounts.verify"))("done") };
});
