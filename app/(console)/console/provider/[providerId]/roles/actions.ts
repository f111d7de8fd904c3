"use server";

import { rolesActions } from "#app/roles-actions.ts";
import { requireProvider } from "#lib/web/access.ts";

const roles = rolesActions("provider", async (providerId) => {
  const { provider } = await requireProvider(providerId, "manage_roles");
  return { kind: "provider", id: provider.id };
});

export const invite = roles.invite;
export const sendAgain = roles.sendAgain;
export const cancel = roles.cancel;
export const change = roles.change;
export const remove = roles.remove;
