import { z } from "zod";

export const providerRoles = ["admin", "member"] as const;
export type ProviderRole = (typeof providerRoles)[number];

/** In the order of what they may do, the most first. */
export const channelRoles = ["admin", "member", "tester"] as const;
export type ChannelRole = (typeof channelRoles)[number];

/** How many people a list shows or a form takes. */
export const peopleListMax = 500;

/** One line of a Roles tab. */
export type Member<Role extends string = string> = {
  userId: string;
  name: string;
  email: string;
  role: Role;
  /** An operator has locked them out: they keep the role and cannot act. */
  isDisabled: boolean;
};

/** The forms about roles; `placeId` is the channel or provider. A provider refuses `tester` itself. */
export const PlaceForm = z.object({ placeId: z.string() });

export const ChangeRoleForm = z.object({
  placeId: z.string(),
  userId: z.uuid(),
  role: z.enum(channelRoles),
  /** The role that the form showed. */
  seenRole: z.enum(channelRoles).optional(),
});

/** One ticked box arrives as a text, several as a list. */
const Ticked = z.union(
  [z.uuid().transform((id) => [id]), z.array(z.uuid()).min(1).max(peopleListMax)],
  {
    error: "none_chosen",
  },
);

export const RemoveMembersForm = z.object({
  placeId: z.string(),
  userIds: Ticked,
  /** A ticked box of a provider's form: their roles in its channels go too. */
  fromChannels: z.literal("on").optional(),
});

export const ImportMembersForm = z.object({
  placeId: z.string(),
  userIds: Ticked,
  role: z.enum(channelRoles),
});

/** What people are searched for by name or address, from the address of a page. */
export function searchText(given: string | readonly string[] | undefined): string {
  return typeof given === "string" ? given.trim().slice(0, 100) : "";
}
