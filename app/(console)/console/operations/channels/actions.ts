"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { DisableChannelForm } from "#lib/operations/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const disable = userAction(
  { action: ({ disabled }) => (disabled === "true" ? "channel_disabled" : "channel_enabled") },
  DisableChannelForm,
  async ({ input: { channelId, disabled } }) => {
    const operator = await requireOperator();
    await setChannelDisabled(database().db, operator, channelId, disabled);
    refresh();
    const t = await getTranslations("operations.channels");
    return { message: t(disabled ? "disabledDone" : "enabledDone") };
  },
);
