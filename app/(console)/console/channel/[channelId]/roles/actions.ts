"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { addMember, changeRole, removeMembers } from "#lib/members/commands.ts";
import { AddMemberForm, ChangeRoleForm, RemoveMembersForm } from "#lib/members/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

const placeOf = async (channelId: string) => {
  const { user, channel } = await requireChannel(channelId, "manage_roles");
  return { actor: user, place: { kind: "channel" as const, id: channel.id } };
};

export const add = userAction(AddMemberForm, async ({ input }) => {
  const { actor, place } = await placeOf(input.placeId);
  await addMember(database().db, actor, place, input);
  refresh();
  return { message: (await getTranslations("members.add"))("done", { email: input.email }) };
});

export const change = userAction(ChangeRoleForm, async ({ input }) => {
  const { actor, place } = await placeOf(input.placeId);
  await changeRole(database().db, actor, place, input);
  refresh();
  return { message: (await getTranslations("members.change"))("done") };
});

export const remove = userAction(RemoveMembersForm, async ({ input }) => {
  const { actor, place } = await placeOf(input.placeId);
  const { removedCount } = await removeMembers(database().db, actor, place, input.userIds);
  refresh();
  const t = await getTranslations("members.remove");
  return { message: t("done", { count: removedCount }) };
});
