"use server";

import { createProvider } from "#lib/providers/commands.ts";
import { CreateProviderForm } from "#lib/providers/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";

export const create = userAction("provider_created", CreateProviderForm, async ({ input }) => {
  const operator = await requireOperator();
  const { providerId } = await createProvider(database().db, operator, input);
  leadTo(`/console/provider/${providerId}/channels`);
});
