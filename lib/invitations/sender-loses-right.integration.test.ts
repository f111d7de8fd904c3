import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteAccount } from "#lib/accounts/delete-account.ts";
import { setUserDisabled } from "#lib/accounts/disable-user.ts";
import { signInWithProvider } from "#lib/accounts/external-accounts.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { Database } from "#lib/db.ts";
import { changeRole, removeMembers } from "#lib/members/commands.ts";
import { findRole } from "#lib/members/place.ts";
import type { Place } from "#lib/place.ts";
import { createSessionUser, createTestOutbox, freshProof } from "#testing/account-factory.ts";
import { createChannel, createMember, createProviderMember } from "#testing/factories.ts";
import { raceHeld } from "#testing/race-held.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptInvitation, acceptWithNewAccount } from "./accept.ts";
import { inviteToConsole, inviteToPlace } from "./invite.ts";
import { sendInvitationAgain } from "./manage.ts";
import { findInvitation, listInvitations } from "./queries.ts";

// An invitation is worth as much as the right of whoever sent it, at the moment when it is taken up.

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const visitor = { address: null, userAgent: "test" };
const taste = { locale: "en", theme: "system" } as const;
const ended = { code: "conflict", key: "invitation_ended" };
const outbox = createTestOutbox();
const { post } = outbox;

/** Two who may invite to a place, one of whom has invited a second address of theirs as Admin. */
async function createWorld(kind: Place["kind"] | "console") {
  const { db } = database;
  const isOperator = kind === "console";
  const [sender, other] = [
    await createSessionUser(db, { isOperator }),
    await createSessionUser(db, { isOperator }),
  ];
  const channel = await createChannel(db);
  for (const { id: userId } of [sender, other]) {
    if (kind === "channel") await createMember(db, channel.id, { userId });
    if (kind === "provider") await createProviderMember(db, channel.providerId, { userId });
  }
  const places = {
    channel: { kind: "channel", id: channel.id },
    provider: { kind: "provider", id: channel.providerId },
    console: null,
  } as const;
  const place: Place | null = places[kind];
  const second = kind === "console" ? null : await createSessionUser(db);
  const email = second?.email ?? `second-${sender.email}`;
  if (place === null) await inviteToConsole(db, post, sender, email);
  else await inviteToPlace(db, post, sender, place, { email, role: "admin", signUp: "invitation" });
  const { id } = await db.invitation.findFirstOrThrow({ where: { email } });
  return { db, sender, other, second, place, email, id, token: outbox.tokenTo(email) };
}
type World = Awaited<ReturnType<typeof createWorld>>;

const take = ({ db, second, token }: World) =>
  second === null
    ? acceptWithNewAccount(
        db,
        {
          ...{ token, name: "Second", password: "a long enough password", ...taste },
          signUp: "invitation",
        },
        visitor,
      )
    : acceptInvitation(db, second, token);

type Loss = (world: World) => Promise<unknown>;
const inPlace =
  (run: (world: World, place: Place) => Promise<unknown>): Loss =>
  (world) => {
    if (world.place === null) throw new Error("only of places");
    return run(world, world.place);
  };
const disable: Loss = async ({ db, sender }) => {
  const operator = await createSessionUser(db, { isOperator: true });
  await setUserDisabled(db, operator, sender.id, true);
};
const remove: Loss = inPlace(({ db, sender, other }, place) =>
  removeMembers(db, other, place, [sender.id]),
);
const lower: Loss = inPlace(({ db, sender, other }, place) =>
  changeRole(db, other, place, { userId: sender.id, role: "member" }),
);
const leave: Loss = async ({ db, sender }) =>
  deleteAccount(db, post, sender, {
    ...(await freshProof(db, sender.id)),
    confirmation: sender.email,
  });
const unmake: Loss = ({ db, sender }) =>
  db.user.update({ where: { id: sender.id }, data: { isOperator: false } });

const losses: [Place["kind"] | "console", string, Loss][] = [
  ["channel", "is removed", remove],
  ["channel", "is made Member", lower],
  ["channel", "is disabled", disable],
  ["channel", "has deleted their account", leave],
  ["provider", "is removed", remove],
  ["provider", "is made Member", lower],
  ["provider", "is disabled", disable],
  ["provider", "has deleted their account", leave],
  ["console", "is no operator any more", unmake],
  ["console", "is disabled", disable],
  ["console", "has deleted their account", leave],
];

for (const [kind, how, lose] of losses) {
  test(`an invitation to a ${kind} is of no use once its sender ${how}, until somebody in charge sends it again`, async () => {
    const world = await createWorld(kind);
    const { db, other, place, id, email, second, token } = world;
    await lose(world);
    await expect(take(world)).rejects.toMatchObject(ended);
    expect(await findInvitation(db, token, "invitation")).toMatchObject({ state: "ended" });
    const [line] = (await listInvitations(db, place)).filter((one) => one.id === id);
    expect(line).toMatchObject({ isInviterInCharge: false });
    if (place !== null && second !== null) expect(await findRole(db, place, second.id)).toBeNull();
    if (second === null) expect(await enterByProvider(email)).toBe("provider_not_invited");

    await sendInvitationAgain(db, post, other, place, id);
    await take({ ...world, token: outbox.tokenTo(email) });
    if (place !== null && second !== null) {
      expect(await findRole(db, place, second.id)).toBe("admin");
    }
  });
}

const enterByProvider = (email: string) =>
  signInWithProvider(
    database.db,
    post,
    { provider: "oidc", subject: email, email, isEmailVerified: true, name: null },
    { mode: "invitation", taste },
    visitor,
  ).then(
    () => "entered",
    (error) => error.key,
  );

test("an address that somebody in charge invites anew is not held up by an invitation that has ended", async () => {
  const world = await createWorld("channel");
  const { db, other, place, email } = world;
  if (place === null) throw new Error("a channel");
  const invite = (actor: SessionUser) =>
    inviteToPlace(db, post, actor, place, { email, role: "member", signUp: "invitation" });
  await expect(invite(other)).rejects.toMatchObject({ key: "invited_already" });
  await remove(world);
  await invite(other);
  expect(await listInvitations(db, place)).toMatchObject([
    { role: "member", inviterName: other.name, isInviterInCharge: true },
  ]);
});

test("an acceptance that waits while the sender is removed is refused, and one that comes first stands", async () => {
  for (const isTaken of [true, false]) {
    const world = await createWorld("channel");
    const outcome = await raceHeld(
      database,
      async (client) => {
        const id = world.place?.id;
        await client.query("select from channels where id = $1 for no key update", [id]);
        if (!isTaken) return;
        await client.query("delete from channel_members where user_id = $1", [world.sender.id]);
      },
      () => take(world),
    );
    expect([isTaken, outcome]).toEqual([isTaken, isTaken ? "conflict" : "done"]);
  }
});

test("an account whose address was changed while it accepts does not take what was for the old one", async () => {
  const world = await createWorld("channel");
  const { second, place } = world;
  const outcome = await raceHeld(
    database,
    async (client) => {
      await client.query("select from channels where id = $1 for no key update", [place?.id]);
      await client.query("update users set email = 'else-' || email where id = $1", [second?.id]);
    },
    () => take(world),
  );
  expect(outcome).toBe("forbidden");
});
