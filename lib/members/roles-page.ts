import {
  allChannelRights,
  allProviderRights,
  type ChannelRight,
  can,
  canInProvider,
  type ProviderRight,
  type ProviderStanding,
} from "./permissions.ts";
import { channelRoles } from "./schema.ts";

const channelTexts: Record<ChannelRight, string> = {
  see_basics: "see channel ID, icon, name, bot user ID",
  see_description: "see description, privacy policy URL, terms of use URL",
  edit_basics: "edit icon, name, description, address, both URLs",
  see_email: "see the channel's email address",
  manage_secret: "see and issue the channel secret",
  delete_channel: "delete the channel",
  leave_channel: "leave the channel",
  manage_roles: "see and edit roles",
  manage_messaging_api: "see and edit Messaging API: URL, switches, Verify, access token",
  see_errors: "see Statistics > Errors, download them",
  manage_notifications: "see and choose who gets which mails and alerts",
  see_audit: "see and download the audit log",
  see_deliveries: "see the log of all webhooks with their bodies",
  see_signatures: "see signatures over bodies of the log",
  redeliver: "redeliver webhooks of the log",
};

const providerTexts: Record<ProviderRight, string> = {
  see_name: "see the provider's name",
  see_id: "see the provider's ID",
  edit_provider: "rename it; delete it when it has no channels",
  list_channels: "see the names of all its channels",
  create_channel: "create a channel",
  manage_roles: "see and edit roles",
  see_audit: "see and download its audit log",
  leave_provider: "leave the provider",
};

const standings = ["admin", "member", "none", "operator"] as const satisfies ProviderStanding[];

/** The page of the docs that shows both matrices, made from the rights that the product asks. */
export function rolesPage(): string {
  return `# Roles

Made by \`npm run docs:roles\` from lib/members/permissions.ts, which pages, actions and APIs ask; a test tells when it is not current.
The rights are those of the LINE Developers Console, and those of what Tocsin adds to it.

A role in a provider and a role in its channels say nothing about each other: a provider's Admin without a role in a channel sees its name and
nothing in it. Who lacks a right is answered as if the page were not there. The last Admin can be neither removed nor demoted.

## In a channel

${table(["right", "Admin", "Member", "Tester"], allChannelRights, channelTexts, (right) => channelRoles.map((role) => can(role, right)))}

An operator of the platform has no right in a channel by that.

## In a provider

${table(["right", "Admin", "Member", "role in a channel of it only", "operator"], allProviderRights, providerTexts, (right) => standings.map((standing) => canInProvider(standing, right)))}
`;
}

function table<Right extends string>(
  heads: readonly string[],
  rights: readonly Right[],
  texts: Record<Right, string>,
  holders: (right: Right) => readonly boolean[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rows = rights.map((right) =>
    line([`${texts[right]} (\`${right}\`)`, ...holders(right).map((has) => (has ? "yes" : "–"))]),
  );
  return [line(heads), line(heads.map(() => "---")), ...rows].join("\n");
}
