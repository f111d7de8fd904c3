import { expect, test } from "vitest";
import {
  allChannelRights,
  allProviderRights,
  can,
  canInProvider,
  type ProviderStanding,
} from "./permissions.ts";
import { type ChannelRole, channelRoles } from "./schema.ts";

const holders = (right: (typeof allChannelRights)[number]): ChannelRole[] =>
  channelRoles.filter((role) => can(role, right));

test("channel rights are those of the platform's matrix", () => {
  expect(Object.fromEntries(allChannelRights.map((right) => [right, holders(right)]))).toEqual({
    see_basics: ["admin", "member", "tester"],
    see_description: ["admin", "member"],
    edit_basics: ["admin"],
    see_email: ["admin"],
    manage_secret: ["admin"],
    delete_channel: ["admin"],
    leave_channel: ["member", "tester"],
    manage_roles: ["admin"],
    manage_messaging_api: ["admin"],
    see_errors: ["admin", "member"],
    manage_notifications: ["admin"],
    see_audit: ["admin"],
    see_deliveries: ["admin", "member"],
    see_signatures: ["admin", "member"],
    redeliver: ["admin", "member"],
  });
});

test("provider rights are those of the platform's matrix, and operators stand to all", () => {
  const standings: ProviderStanding[] = ["admin", "member", "none", "operator"];
  const granted = allProviderRights.map((right) => [
    right,
    standings.filter((standing) => canInProvider(standing, right)),
  ]);
  expect(Object.fromEntries(granted)).toEqual({
    see_name: ["admin", "member", "none", "operator"],
    see_id: ["admin", "operator"],
    edit_provider: ["admin", "operator"],
    list_channels: ["admin", "operator"],
    create_channel: ["admin", "operator"],
    manage_roles: ["admin", "operator"],
    leave_provider: ["member"],
    see_audit: ["admin", "operator"],
  });
});
