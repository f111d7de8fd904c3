"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { rolesActions } from "#app/roles-actions.ts";
import { importMembers } from "#lib/members/import-members.ts";
import { ImportMembersForm } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";

const roles = rolesActions("channel", async (channelId) => {
  const { channel } = await requireChannel(channelId, "manage_roles");
  return { kind: "channel", id: channel.id };
});

export const invite = roles.invite;
export const sendAgain = roles.sendAgain;
export const cancel = roles.cancel;
export const change = roles.change;
export const remove = roles.remove;

export const importFromProvider = userAction(
  { action: "member_added", placeId: "channel" },
  ImportMembersForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.placeId, "manage_roles");
    await requireProvenPerson(user);
    const { importedCount } = await importMembers(database().db, user, channel, input);
    refresh();
    const t = await getTranslations("members.import");
    return { message: t("done", { count: importedCount }) };
  },
);
