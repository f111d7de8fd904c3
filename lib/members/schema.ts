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
