import type { ChannelRole, ProviderRole } from "./schema.ts";

/**
 * Who may do what in a channel (docs/platform.md#roles). A channel role and a provider role say nothing about each other, and
 * being an operator gives no channel role.
 */
const channelRights = {
  /** Channel ID, icon, name, the person's own user ID. */
  see_basics: ["admin", "member", "tester"],
  /** Description, privacy policy URL, terms of use URL. */
  see_description: ["admin", "member"],
  edit_basics: ["admin"],
  see_email: ["admin"],
  manage_secret: ["admin"],
  delete_channel: ["admin"],
  leave_channel: ["member", "tester"],
  manage_roles: ["admin"],
  manage_messaging_api: ["admin"],
  see_errors: ["admin", "member"],
  /** Who gets which mails and alerts, and what was sent: addresses are the Admins' to see. */
  manage_notifications: ["admin"],
  see_audit: ["admin"],
  /** The log of all webhooks with what they carried, such as messages of users. */
  see_deliveries: ["admin", "member"],
  /** Signatures over bodies of the log. They let one repeat a request to the bot server, which redelivering does too. */
  see_signatures: ["admin", "member"],
  redeliver: ["admin", "member"],
} as const satisfies Record<string, readonly ChannelRole[]>;

/** How a person stands to a provider: a role, operator of the platform, or `none` = a role in one of its channels only. */
export type ProviderStanding = ProviderRole | "operator" | "none";

/** Who may do what with a provider (docs/platform.md#roles; operators run the platform and may repair any provider). */
const providerRights = {
  see_name: ["admin", "member", "none", "operator"],
  see_id: ["admin", "operator"],
  edit_provider: ["admin", "operator"],
  list_channels: ["admin", "operator"],
  create_channel: ["admin", "operator"],
  manage_roles: ["admin", "operator"],
  see_audit: ["admin", "operator"],
  leave_provider: ["member"],
} as const satisfies Record<string, readonly ProviderStanding[]>;

export type ChannelRight = keyof typeof channelRights;
export type ProviderRight = keyof typeof providerRights;

/** Every right of a channel, for tests and pages that list them. */
export const allChannelRights = Object.keys(channelRights) as ChannelRight[];
export const allProviderRights = Object.keys(providerRights) as ProviderRight[];

export function can(role: ChannelRole, right: ChannelRight): boolean {
  const holders: readonly ChannelRole[] = channelRights[right];
  return holders.includes(role);
}

/** The roles that hold a right: for questions that have to ask it of many channels at once. */
export const rolesWith = (right: ChannelRight): readonly ChannelRole[] => channelRights[right];

export function canInProvider(standing: ProviderStanding, right: ProviderRight): boolean {
  const holders: readonly ProviderStanding[] = providerRights[right];
  return holders.includes(standing);
}
