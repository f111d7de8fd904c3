"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { LiftForm, liftSuppression } from "#lib/outbox/suppressions.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const lift = userAction(
  "mail_address_lifted",
  LiftForm,
  async ({ user, input: { address } }) => {
    await requireOperator();
    await liftSuppression(database().db, user, address);
    refresh();
    return { message: (await getTranslations("operations.addresses"))("lifted", { address }) };
  },
);
