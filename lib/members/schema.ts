import { z } from "zod";
import { Email } from "#lib/accounts/schema.ts";

export const providerRoles = ["admin", "member"] as const;
export type ProviderRole = (typeof providerRoles)[number];

export const channelRoles = ["admin", "member", "tester"] as const;
export type ChannelRole = (typeof channelRoles)[number];

/** One line of a Roles tab. */
export type Member<Role extends string = string> = {
  userId: string;
  name: string;
  email: string;
  role: Role;
};

/** The forms of a Roles tab; `placeId` is the channel or provider. A provider refuses `tester` itself. */
export const AddMemberForm = z.object({
  placeId: z.string(),
  email: Email,
  role: z.enum(channelRoles),
});

export const ChangeRoleForm = z.object({
  placeId: z.string(),
  userId: z.uuid(),
  role: z.enum(channelRoles),
});

/** One ticked box arrives as a text, several as a list. */
export const RemoveMembersForm = z.object({
  placeId: z.string(),
  userIds: z.union([z.uuid().transform((id) => [id]), z.array(z.uuid()).min(1).max(500)], {
    error: "none_chosen",
  }),
});
