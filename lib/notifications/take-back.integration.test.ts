import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { decideGrant } from "#lib/grants/commands.ts";
import { removeMembers } from "#lib/members/commands.ts";
import { claimMails } from "#lib/outbox/claim-mails.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import {
  actorOf,
  approveNotification,
  createChannel,
  createMember,
  createUser,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { takeBackUnwanted } from "./take-back.ts";
import { unsubscribe } from "./unsubscribe.ts";

// What is told at the time of writing a mail may not be its reader's business any more when the mail leaves: with a mail server
// that is away that is up to a day later.

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate notification_windows, notifications, notices, mails, alerts");
});

const start = Date.now() - 3_600_000;
const policy = { ...testPolicy, access: "apply" as const };

/** Channels that fail once each and are told of at once, to one Admin each has besides the one they share. */
async function failingChannels(count: number) {
  const shared = await createUser(database.db);
  const channels = await Promise.all(
    Array.from({ length: count }, async () => {
      const channel = await createChannel(database.db, { emailVerifiedAt: null });
      await approveNotification(database.db, channel.id);
      const other = await createUser(database.db);
      await createMember(database.db, channel.id, { userId: shared.id, role: "admin" });
      await createMember(database.db, channel.id, { userId: other.id, role: "admin" });
      return { id: channel.id, other };
    }),
  );
  await inTransaction(database.pool, (client) =>
    countIntoWindows(
      client,
      channels.map(({ id: channelId }) => ({
        channelId,
        ...{ type: "error_detected" as const, statusCode: 500, detail: "500", errorCount: 1 },
        ...{ reason: "error_status_code" as const, occurredAt: new Date(start) },
      })),
      300_000,
    ),
  );
  await write(400);
  return { shared, channels };
}

const write = (seconds: number) =>
  closeDueWindows(
    database.pool,
    closingOptions(policy, { now: new Date(start + seconds * 1_000) }),
  );

/** What is due leaves, unless it is taken back. */
async function send(): Promise<string[]> {
  const left: string[] = [];
  for (const mail of await claimMails(database.pool, 100, 60_000)) {
    if (!(await takeBackUnwanted(database.pool, mail, policy))) left.push(mail.recipient);
  }
  return left.sort();
}

test("a mail leaves when nothing has changed since it was written", async () => {
  const { shared, channels } = await failingChannels(1);
  expect(await send()).toEqual([shared.email, channels[0]?.other.email].sort());
});

test("who lost the role after a mail was written does not get it, and the history says so", async () => {
  const { shared, channels } = await failingChannels(1);
  const [channel] = channels;
  if (channel === undefined) throw new Error("no channel");
  await removeMembers(database.db, actorOf(channel.other), { kind: "channel", id: channel.id }, [
    shared.id,
  ]);
  expect(await send()).toEqual([channel.other.email]);
  const mail = await database.db.mail.findFirst({
    where: { recipient: shared.email },
    include: { notices: true },
  });
  expect(mail).toMatchObject({ state: "withdrawn", notices: [{}] });
  await write(500);
  expect(await database.db.mail.count({ where: { recipient: shared.email } })).toBe(1);
});

test("no mail leaves after operators withdrew the function, nor is another written", async () => {
  const { channels } = await failingChannels(1);
  const grant = await database.db.notificationGrant.findFirstOrThrow({
    where: { channelId: channels[0]?.id ?? "" },
  });
  const operator = actorOf(await createUser(database.db, { isOperator: true }));
  const decision = { grantId: grant.id, decision: "withdrawn" as const, note: "Enough" };
  await decideGrant(database.db, operator, decision);
  expect(await send()).toEqual([]);
  await write(500);
  expect(await database.db.mail.count({ where: { state: { not: "withdrawn" } } })).toBe(0);
});

test("a digest that tells of a channel left meanwhile is written anew without it", async () => {
  const { shared, channels } = await failingChannels(7);
  const [left, ...stayed] = channels;
  if (left === undefined) throw new Error("no channel");
  const link = { kind: "channel" as const, channelId: left.id, address: shared.email };
  await unsubscribe(database.pool, testActor, link);
  expect(await send()).not.toContain(shared.email);
  await write(500);
  const [anew, ...more] = await database.db.mail.findMany({
    where: { recipient: shared.email, state: "queued" },
  });
  expect(more).toEqual([]);
  const told = JSON.parse(anew?.text ?? "{}") as { lines: { channelId: string }[] };
  expect(told.lines.map(({ channelId }) => channelId).sort()).toEqual(
    stayed.map(({ id }) => id).sort(),
  );
  await database.pool.query(
    "update mails set due_at = now() - interval '1 second' where state = 'queued'",
  );
  expect(await send()).toContain(shared.email);
});
