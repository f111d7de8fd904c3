"use server";

import { redirect } from "next/navigation";
import { leaveProvider } from "#lib/members/commands.ts";
import { PlaceForm } from "#lib/members/schema.ts";
import { requireProvider } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const leave = userAction(PlaceForm, async ({ user, input }) => {
  const { provider } = await requireProvider(input.placeId, "leave_provider");
  await leaveProvider(database().db, user, provider.id);
  redirect("/console");
});
