"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { decideGrant, decisionAction } from "#lib/grants/commands.ts";
import { DecideForm } from "#lib/grants/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const decide = userAction(
  { action: ({ decision }) => decisionAction(decision) },
  DecideForm,
  async ({ user, input }) => {
    await requireOperator();
    const { channelName: name } = await decideGrant(database().db, user, input);
    refresh();
    const t = await getTranslations("operations.applications.done");
    return { message: t(input.decision, { name }) };
  },
);
