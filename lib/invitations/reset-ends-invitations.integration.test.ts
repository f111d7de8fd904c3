import { afterAll, beforeAll, expect, test } from "vitest";
import { changePassword } from "#lib/accounts/change-password.ts";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import { resetPassword, sendResetLink } from "#lib/accounts/reset-password.ts";
import type { Database } from "#lib/db.ts";
import { findRole } from "#lib/members/place.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import { createSessionUser, createTestOutbox, freshProof } from "#testing/account-factory.ts";
import {
  createChannel,
  createMember,
  createProviderMember,
  hashCheaply,
} from "#testing/factories.ts";
import { raceHeld } from "#testing/race-held.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptInvitation } from "./accept.ts";
import { inviteToConsole, inviteToPlace } from "./invite.ts";
import { sendInvitationAgain } from "./manage.ts";
import { listInvitations } from "./queries.ts";

// Whoever got into an account and gave others a way in from there keeps none of it that was not taken up, and the owner sees
// what else there is.

let database: Database;
let passwordHash: string;
beforeAll(async () => {
  database = await createTestDatabase();
  passwordHash = await hashCheaply(password);
});
afterAll(() => database.close());

const password = "a long enough password";
const another = "another long password";
const visitor = { address: null, userAgent: "test" };

/** An operator and Admin at whose session somebody else has invited a second account of theirs to all there is. */
async function createWorld() {
  const { db } = database;
  const outbox = createTestOutbox();
  const owner = await createSessionUser(db, { passwordHash, isOperator: true });
  const [other, guest] = [await createSessionUser(db), await createSessionUser(db)];
  const channel = await createChannel(db);
  for (const { id: userId } of [owner, other]) {
    await createMember(db, channel.id, { userId });
    await createProviderMember(db, channel.providerId, { userId });
  }
  const places = [
    { kind: "channel", id: channel.id },
    { kind: "provider", id: channel.providerId },
  ] as const;
  const tokens: string[] = [];
  for (const place of places) {
    const form = { email: guest.email, role: "admin", signUp: "invitation" } as const;
    await inviteToPlace(db, outbox.post, owner, place, form);
    tokens.push(outbox.tokenTo(guest.email, "invitation"));
  }
  await inviteToConsole(db, outbox.post, owner, `new-${guest.email}`);
  const accept = (token = "") => acceptInvitation(db, guest, token);
  return { db, outbox, owner, other, guest, channel, places, tokens, accept };
}
type World = Awaited<ReturnType<typeof createWorld>>;

async function reset({ db, outbox, owner }: World) {
  await sendResetLink(db, outbox.post, owner.email, visitor);
  const token = outbox.tokenTo(owner.email, "reset_password");
  return () => resetPassword(db, outbox.post, { token, password: another }, visitor);
}

const ended = { code: "conflict", key: "invitation_ended" };

test("a new password by mail ends the invitations that nobody took up, and tells their addresses", async () => {
  const world = await createWorld();
  const { db, owner, guest, places, tokens, accept, outbox, other } = world;
  const outcome = await (await reset(world))();
  expect(outcome.ended).toEqual([
    { what: "invitations", detail: [`new-${guest.email}`, guest.email, guest.email] },
  ]);
  expect(outbox.mails.at(-1)).toMatchObject({ change: "password_changed", ...outcome });
  const entry = await db.auditEntry.findFirst({
    where: { actorId: owner.id, action: "password_changed" },
  });
  expect(entry?.after).toEqual({ reset: true, ended: ["invitations"] });
  for (const token of tokens) await expect(accept(token)).rejects.toMatchObject(ended);
  for (const place of places) {
    expect(await findRole(db, place, guest.id)).toBeNull();
    expect(await listInvitations(db, place)).toMatchObject([{ isInviterInCharge: false }]);
  }
  // It is for whoever may invite there to say whether it was meant.
  const [place] = places;
  const [line] = await listInvitations(db, place);
  await sendInvitationAgain(db, outbox.post, other, place, line?.id ?? "");
  await accept(outbox.tokenTo(guest.email, "invitation"));
  expect(await findRole(db, place, guest.id)).toBe("admin");
});

test("one that was taken up before stays taken up, and those of others stay good", async () => {
  const world = await createWorld();
  const { db, outbox, guest, other, places, tokens, accept } = world;
  const second = await createSessionUser(db);
  const form = { email: second.email, role: "member", signUp: "invitation" } as const;
  await inviteToPlace(db, outbox.post, other, places[0], form);
  await accept(tokens[0]);
  await (await reset(world))();
  expect(await findRole(db, places[0], guest.id)).toBe("admin");
  await acceptInvitation(db, second, outbox.tokenTo(second.email, "invitation"));
  expect(await findRole(db, places[0], second.id)).toBe("member");
});

test("an acceptance that began before the new password and comes after it is refused", async () => {
  const world = await createWorld();
  const { db, guest, owner, places, tokens, accept } = world;
  const outcome = await raceHeld(
    database,
    async (client) => {
      await client.query("select 1 from users where id = $1 for no key update", [owner.id]);
      await client.query("update invitations set invited_by_id = null where invited_by_id = $1", [
        owner.id,
      ]);
    },
    () => accept(tokens[0]),
  );
  expect(outcome).toBe("conflict");
  expect(await findRole(db, places[0], guest.id)).toBeNull();
});

test("an account that is disabled and enabled again has none of its invitations back", async () => {
  const { db, owner, tokens, accept } = await createWorld();
  const operator = await createSessionUser(db, { isOperator: true });
  await setUserDisabled(db, operator, owner.id, true);
  await setUserDisabled(db, operator, owner.id, false);
  for (const token of tokens) await expect(accept(token)).rejects.toMatchObject(ended);
  const entry = await db.auditEntry.findFirst({
    where: { actorId: operator.id, action: "user_disabled" },
  });
  expect(entry?.after).toEqual({ ended: ["invitations"] });
});

test("tokens and keys that the account made and that are in force are listed, by channel and name", async () => {
  const world = await createWorld();
  const { db, owner, other, channel, places } = world;
  await issueChannelToken(db, owner, { channelId: channel.id, keepHours: 0 });
  const { id } = await createPlatformKey(db, owner, { name: "Batch" });
  const kept = [
    { what: "channel_tokens", detail: [channel.name] },
    { what: "platform_keys", detail: ["Batch"] },
  ];
  expect((await (await reset(world))()).kept).toEqual(kept);
  const operator = await createSessionUser(db, { isOperator: true });
  await setUserDisabled(db, operator, owner.id, true);
  const entry = await db.auditEntry.findFirst({
    where: { actorId: operator.id, action: "user_disabled" },
  });
  expect(entry?.after).toEqual({ kept: ["channel_tokens", "platform_keys"] });
  await setUserDisabled(db, operator, owner.id, false);
  await revokePlatformKey(db, owner, id);
  await revokeChannelTokens(db, owner, places[0].id);
  await issueChannelToken(db, other, { channelId: channel.id, keepHours: 0 });
  expect((await (await reset(world))()).kept).toEqual([]);
});

test("a password that is changed on the page leaves invitations and lists them", async () => {
  const { db, outbox, owner, guest, tokens, accept } = await createWorld();
  const proof = { ...(await freshProof(db, owner.id)), currentPassword: password };
  await changePassword(db, outbox.post, owner, { ...proof, password: another });
  const detail = [`new-${guest.email}`, guest.email, guest.email];
  expect(outbox.mails.at(-1)).toMatchObject({ ended: [], kept: [{ what: "invitations", detail }] });
  await accept(tokens[0]);
});
