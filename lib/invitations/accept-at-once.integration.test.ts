import { afterAll, beforeAll, expect, test } from "vitest";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { Database } from "#lib/db.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import { createChannel, createMember } from "#testing/factories.ts";
import { raceHeld } from "#testing/race-held.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptInvitation } from "./accept.ts";
import { inviteToPlace } from "./invite.ts";

// Two changes that lock the same people at the same moment: one comes after the other, and neither is broken off.

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const outbox = createTestOutbox();
const unverified = { emailVerifiedAt: null };

/** An invitation to a channel of its own, as it is accepted. */
async function invite(sender: SessionUser, guest: SessionUser) {
  const { db } = database;
  const { id } = await createChannel(db);
  await createMember(db, id, { userId: sender.id });
  const form = { email: guest.email, role: "member", signUp: "invitation" } as const;
  await inviteToPlace(db, outbox.post, sender, { kind: "channel", id }, form);
  const token = outbox.tokenTo(guest.email, "invitation");
  return () => acceptInvitation(db, guest, token);
}

/** Begins both while each row of these people is held as by anybody who acts, so that both come to wait. */
const atOnce = (people: readonly SessionUser[], both: readonly (() => Promise<unknown>)[]) =>
  raceHeld(
    database,
    (client) =>
      client.query("select 1 from users where id = any($1::uuid[]) for share", [
        people.map(({ id }) => id),
      ]),
    () => Promise.all(both.map((run) => run())),
    both.length,
  );

test("two invitations are accepted at once by one person whose address they verify", async () => {
  const { db } = database;
  const guest = await createSessionUser(db, unverified);
  const sender = () => createSessionUser(db);
  const both = [await invite(await sender(), guest), await invite(await sender(), guest)];
  expect(await atOnce([guest], both)).toBe("done");
  expect(await db.channelMember.count({ where: { userId: guest.id } })).toBe(2);
  expect((await db.user.findUniqueOrThrow({ where: { id: guest.id } })).emailVerifiedAt).toEqual(
    expect.any(Date),
  );
});

test("two people accept each other's invitations at once", async () => {
  const { db } = database;
  const [a, b] = [await createSessionUser(db, unverified), await createSessionUser(db, unverified)];
  expect(await atOnce([a, b], [await invite(a, b), await invite(b, a)])).toBe("done");
});

test("somebody accepts an invitation at the moment when they disable its sender", async () => {
  const { db } = database;
  for (const [first, second] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const people = [
      await createSessionUser(db, { isOperator: true, ...unverified }),
      await createSessionUser(db, { isOperator: true, ...unverified }),
    ];
    const [sender, guest] = [people[first], people[second]];
    if (sender === undefined || guest === undefined) throw new Error("two were made");
    const accept = await invite(sender, guest);
    // Whichever comes first: the invitation of somebody who is disabled has ended.
    const acceptOrEnded = () =>
      accept().catch((error) => {
        if (error.key !== "invitation_ended") throw error;
      });
    const disable = () => setUserDisabled(db, guest, sender.id, true);
    expect(await atOnce(people, [acceptOrEnded, disable])).toBe("done");
  }
});
