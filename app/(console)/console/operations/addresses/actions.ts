"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { LiftForm, liftSuppressions } from "#lib/outbox/suppressions.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const lift = userAction(
  "mail_address_lifted",
  LiftForm,
  async ({ user, input: { address } }) => {
    await requireOperator();
    const count = await liftSuppressions(database().db, user, address);
    refresh();
    const t = await getTranslations("operations.addresses");
    return { message: t("lifted", { count, address: address[0] ?? "" }) };
  },
);
