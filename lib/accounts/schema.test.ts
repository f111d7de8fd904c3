import { expect, test } from "vitest";
import { CreateChannelForm } from "#lib/channels/schema.ts";
import { CreateProviderForm } from "#lib/providers/schema.ts";
import { CreatePlatformKeyForm } from "#lib/tokens/schema.ts";
import { CodeOnlyForm, ProfileForm, SignInAgainForm } from "./schema.ts";

const profile = (name: string) =>
  ProfileForm.safeParse({ name, locale: "en", timeZone: "", theme: "dark" });
const channel = (name: string) =>
  CreateChannelForm.safeParse({ providerId: "1", name, description: "D", email: "a@example.com" });

test("no name of a person, provider, channel or key is made of what nobody sees", () => {
  for (const name of ["\u200b\u200b", "\u3164", " \n "]) {
    const parsed = [
      profile(name),
      channel(name),
      CreateProviderForm.safeParse({ name }),
      CreatePlatformKeyForm.safeParse({ name }),
    ];
    expect(parsed.map(({ error }) => error?.issues[0]?.message)).toEqual(
      parsed.map(() => "required"),
    );
  }
  expect(profile(" Aki\u202e\nAdmin ").data?.name).toBe("Aki Admin");
});

test("a code is taken as Japanese keyboards type it", () => {
  expect(CodeOnlyForm.parse({ code: "１２３　４５６" })).toEqual({ code: "123456" });
});

test("signing in again leads back to a page that asks for it, and nowhere else", () => {
  const leadsTo = (next: string) =>
    SignInAgainForm.safeParse({ provider: "oidc", next }).data?.next ?? null;
  for (const page of [
    "/console/profile/security",
    "/console/operations/platform-keys",
    "/console/channel/1234567890/basics",
    "/console/channel/1234567890/messaging-api",
    "/console/channel/1234567890/notifications",
    "/console/channel/1234567890/roles",
    "/console/provider/1234567890/roles",
    "/console/operations/invitations",
  ]) {
    expect(leadsTo(page)).toBe(page);
  }
  for (const other of [
    "",
    "https://example.com/console/profile/security",
    "//example.com/console/channel/1/basics",
    "/console/channel/1/basics/../../../sign-out",
    "/console/channel/1/basics?next=//example.com",
    "/console/channel/1/basics\n//example.com",
    "/console/channel/x/basics",
    "/console/channel/1/audit",
    "/console/provider/1/settings",
  ]) {
    expect([other, leadsTo(other)]).toEqual([other, null]);
  }
});
