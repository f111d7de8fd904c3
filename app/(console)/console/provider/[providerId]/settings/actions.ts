"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { deleteProvider, renameProvider } from "#lib/providers/commands.ts";
import { DeleteProviderForm, RenameProviderForm } from "#lib/providers/schema.ts";
import { requireProvider } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";

export const rename = userAction(
  "provider_renamed",
  RenameProviderForm,
  async ({ user, input }) => {
    await requireProvider(input.providerId, "edit_provider");
    await renameProvider(database().db, user, input.providerId, input);
    refresh();
    return { message: (await getTranslations("common"))("saved") };
  },
);

export const remove = userAction(
  "provider_deleted",
  DeleteProviderForm,
  async ({ user, input }) => {
    await requireProvider(input.providerId, "edit_provider");
    await deleteProvider(database().db, user, input.providerId, input.confirmation);
    leadTo("/console");
  },
);
