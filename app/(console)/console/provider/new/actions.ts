"use server";

import { redirect } from "next/navigation";
import { createProvider } from "#lib/providers/commands.ts";
import { CreateProviderForm } from "#lib/providers/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const create = userAction(CreateProviderForm, async ({ input }) => {
  const operator = await requireOperator();
  const { providerId } = await createProvider(database().db, operator, input);
  redirect(`/console/provider/${providerId}/channels`);
});
