import { afterAll, beforeAll, describe, test } from "vitest";
import { editBasics, createChannel as makeChannel } from "#lib/channels/commands.ts";
import { confirmAddress, readConfirmation } from "#lib/channels/confirm-address.ts";
import type { Database } from "#lib/db.ts";
import { applyForNotification, decideGrant } from "#lib/grants/commands.ts";
import { openContent } from "#lib/outbox/post-mail.ts";
import { closingOptions } from "#testing/closing-options.ts";
import {
  actorOf,
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
  testActor,
  testEncryptionKey,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findRecipients } from "./find-recipients.ts";
import { orderWeeklyDigests } from "./order-weekly.ts";
import { savePreferences } from "./save-preferences.ts";
import { unsubscribe } from "./unsubscribe.ts";
import { writeOrders } from "./write-orders.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function channelWithAdmins(count: number) {
  const channel = await createChannel(database.db, { emailVerifiedAt: null });
  const admins = await Promise.all(Array.from({ length: count }, () => createUser(database.db)));
  for (const { id: userId } of admins) await createMember(database.db, channel.id, { userId });
  return { channelId: channel.id, admins };
}

const allTypes = ["error_detected", "redelivery_stopped", "endpoint_failing", "recovered"] as const;
const wish = (channelId: string, overrides: object = {}) => ({
  ...{ channelId, whose: "own" as const, types: [...allTypes], weekly: false, confirmed: false },
  ...overrides,
});

describe("two Admins who both turn off the mails about stopped redeliveries", () => {
  test("at once: one is refused until it is confirmed", async ({ expect }) => {
    const { channelId, admins } = await channelWithAdmins(2);
    const silence = (email: string, confirmed = false) =>
      savePreferences(
        database.pool,
        testActor,
        email,
        wish(channelId, { types: ["error_detected"], confirmed }),
      );
    const results = await Promise.allSettled(admins.map(({ email }) => silence(email)));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toMatchObject([{ reason: { key: "last_recipient" } }]);
    const { recipients } = (await findRecipients(database.pool, [channelId])).get(channelId) ?? {
      recipients: [],
    };
    expect(recipients.filter(({ mutedTypes }) => mutedTypes.length === 0)).toHaveLength(1);
    for (const { email } of admins) await silence(email, true);
  });
});

describe("an application", () => {
  const form = { company: "Harbour Coffee", contact: "Hana", reason: "Orders" };
  test("is one at a time, however many apply, and decided once, however many decide", async ({
    expect,
  }) => {
    const { channelId, admins } = await channelWithAdmins(1);
    const admin = actorOf(admins[0] ?? { id: "" });
    const operator = actorOf(await createUser(database.db, { isOperator: true }));
    const apply = () => applyForNotification(database.db, admin, { channelId, ...form });
    const applied = await Promise.allSettled([apply(), apply(), apply()]);
    expect(applied.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { id: grantId } = await database.db.notificationGrant.findFirstOrThrow({
      where: { channelId },
    });
    const decide = (decision: "approved" | "rejected" | "withdrawn") =>
      decideGrant(database.db, operator, { grantId, decision, note: "Because" });
    const decided = await Promise.allSettled([decide("approved"), decide("rejected")]);
    expect(decided.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { state } = await database.db.notificationGrant.findUniqueOrThrow({
      where: { id: grantId },
    });
    if (state === "approved") await decide("withdrawn");
    await apply();
    await writeOrders(database.pool, closingOptions());
    const mails = await database.db.mail.findMany({ where: { channelId, kind: "application" } });
    expect(mails).toHaveLength(state === "approved" ? 2 : 1);
    expect(mails.every((mail) => mail.recipient === admins[0]?.email)).toBe(true);
  });
});

describe("a channel's address", () => {
  const until = () => Date.now() + 60_000;
  test("that is its maker's own verified one is confirmed; another is asked, and again when it changes", async ({
    expect,
  }) => {
    const user = await createUser(database.db);
    const { id: providerId } = await createProvider(database.db);
    await createProviderMember(database.db, providerId, { userId: user.id });
    const form = { providerId, name: "Orders bot", description: "x", email: user.email };
    const actor = actorOf(user);
    const { channelId } = await makeChannel(database.db, testEncryptionKey, actor, form);
    const isVerified = async () =>
      (await database.db.channel.findUniqueOrThrow({ where: { id: channelId } }))
        .emailVerifiedAt !== null;
    expect(await isVerified()).toBe(true);
    const address = "team@example.com";
    await editBasics(database.db, actor, { channelId, email: address });
    expect(await isVerified()).toBe(false);
    const link = { kind: "confirm", channelId, address, until: until() } as const;
    const old = { ...link, address: user.email };
    await expect(confirmAddress(database.db, testActor, old)).rejects.toMatchObject({
      key: "link_expired",
    });
    await expect(
      confirmAddress(database.db, testActor, { ...link, until: Date.now() - 1 }),
    ).rejects.toMatchObject({ key: "link_expired" });
    expect(await readConfirmation(database.db, link)).toMatchObject({ state: "open" });
    await confirmAddress(database.db, testActor, link);
    expect(await isVerified()).toBe(true);
    await expect(confirmAddress(database.db, testActor, link)).rejects.toMatchObject({
      key: "link_expired",
    });
    const options = closingOptions();
    await writeOrders(database.pool, options);
    const [mail, ...more] = await database.db.mail.findMany({ where: { channelId } });
    expect(more).toEqual([]);
    // Who reads the table, or a backup of it, must not be able to confirm for the mailbox.
    expect(mail).toMatchObject({ recipient: address, kind: "confirm_address", html: "", text: "" });
    const opened = openContent(
      options.encryptionKey,
      mail ?? { id: "", html: "", text: "", sealedContent: null },
    );
    expect(opened.text).toContain("https://console.example.com/confirm-address/");
  });
});

test("a digest's link ends the mails of every channel it told of, a channel's only its own", async ({
  expect,
}) => {
  const one = await channelWithAdmins(2);
  const address = one.admins[0]?.email ?? "";
  const other = await createChannel(database.db, { email: address });
  await unsubscribe(database.pool, testActor, {
    ...{ kind: "channel", channelId: one.channelId, address },
  });
  const audiences = await findRecipients(database.pool, [one.channelId, other.id]);
  const keys = (id: string) => audiences.get(id)?.recipients.map(({ key }) => key);
  expect(keys(one.channelId)).toEqual([one.admins[1]?.email]);
  expect(keys(other.id)).toEqual([address]);
});

test("the weekly digest comes once a week, with all of a person's channels, to who chose it", async ({
  expect,
}) => {
  const one = await channelWithAdmins(1);
  const two = await channelWithAdmins(0);
  const { id: userId, email } = one.admins[0] ?? { id: "", email: "" };
  await createMember(database.db, two.channelId, { userId });
  for (const { channelId } of [one, two]) {
    await savePreferences(database.pool, testActor, email, wish(channelId, { weekly: true }));
  }
  const hour = new Date("2026-11-18T03:00:00Z");
  await database.db.errorHour.create({
    data: {
      ...{ channelId: one.channelId, hour, firstAt: hour, lastAt: hour },
      ...{ reason: "request_timeout", detail: "Request timeout" },
      ...{ errorCount: 12, firstAttemptCount: 12 },
    },
  });
  const at = (now: string) => closingOptions({}, { now: new Date(now) });
  expect(await orderWeeklyDigests(database.pool, at("2026-11-23T00:05:00Z"))).toBe(1);
  expect(await orderWeeklyDigests(database.pool, at("2026-11-23T05:00:00Z"))).toBe(0);
  expect(await orderWeeklyDigests(database.pool, at("2026-11-25T05:00:00Z"))).toBe(0);
  await writeOrders(database.pool, closingOptions());
  const mails = await database.db.mail.findMany({ where: { kind: "weekly" } });
  expect(mails).toMatchObject([{ recipient: email }]);
  const { params } = JSON.parse(mails[0]?.text ?? "");
  expect(params).toMatchObject({ from: "2026-11-16", to: "2026-11-22" });
  expect(
    params.channels
      .map((channel: { channelId: string; errors: number }) => [channel.channelId, channel.errors])
      .sort(),
  ).toEqual(
    [
      [one.channelId, 12],
      [two.channelId, 0],
    ].sort(),
  );
  expect(mails[0]?.unsubscribeUrl).toContain("/unsubscribe/");
});
