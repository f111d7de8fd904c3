"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import { DisableUserForm } from "#lib/operations/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";

export const disable = userAction(
  { action: ({ disabled }) => (disabled === "true" ? "user_disabled" : "user_enabled") },
  DisableUserForm,
  async ({ input: { userId, disabled } }) => {
    const operator = await requireOperator();
    if (!disabled) await requireProvenPerson(operator);
    await setUserDisabled(database().db, operator, userId, disabled);
    refresh();
    const t = await getTranslations("operations.users");
    return { message: t(disabled ? "disabledDone" : "enabledDone") };
  },
);
