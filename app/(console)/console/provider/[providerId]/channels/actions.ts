"use server";

import { leaveProvider } from "#lib/members/commands.ts";
import { PlaceForm } from "#lib/members/schema.ts";
import { requireProvider } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";

export const leave = userAction(
  { action: "member_left", placeId: "provider" },
  PlaceForm,
  async ({ user, input }) => {
    const { provider } = await requireProvider(input.placeId, "leave_provider");
    await leaveProvider(database().db, user, provider.id);
    leadTo("/console");
  },
);
