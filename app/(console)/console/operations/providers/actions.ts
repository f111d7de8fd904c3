"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { DisableProviderForm } from "#lib/operations/schema.ts";
import { setProviderDisabled } from "#lib/providers/disable.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const disable = userAction(
  { action: ({ disabled }) => (disabled === "true" ? "provider_disabled" : "provider_enabled") },
  DisableProviderForm,
  async ({ input: { providerId, disabled } }) => {
    const operator = await requireOperator();
    await setProviderDisabled(database().db, operator, providerId, disabled);
    refresh();
    const t = await getTranslations("operations.providers");
    return { message: t(disabled ? "disabledDone" : "enabledDone") };
  },
);
