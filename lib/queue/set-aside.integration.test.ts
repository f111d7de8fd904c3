import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cancelWaiting } from "#lib/cancellations/cancel-waiting.ts";
import type { Database } from "#lib/db.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliverAll } from "#testing/test-webhooks.ts";
import { type ClaimedWebhook, type ClaimOptions, returnWebhooks, unrecordedMax } from "./claim.ts";
import { decideSetAside } from "./decide-set-aside.ts";
import { listSetAside } from "./list-set-aside.ts";
import { noteDefect } from "./set-aside.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate webhook_queue, ready_channels, webhooks, set_aside_webhooks");
  const channel = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
    webhookRedelivery: true,
  });
  channelId = channel.id;
});

async function accept(): Promise<string> {
  const [id = ""] = await acceptSome(database.pool, channelId);
  return id;
}

const claim = (overrides: Partial<ClaimOptions> = {}) =>
  claimSome(database.pool, { share: (channelIds) => channelIds.map(() => 10), ...overrides });

/** The worker is gone and its leases have run out. */
const leasesEnd = () =>
  database.pool.query(
    `with q as (update webhook_queue set lease_until = now() - interval '1 s' where lease is not null)
     update ready_channels set due_at = now() - interval '1 s'`,
  );

/** Workers that take webhooks and die with them, so often. */
async function dieWith(times: number): Promise<ClaimedWebhook[]> {
  let last: ClaimedWebhook[] = [];
  for (let death = 0; death < times; death += 1) {
    last = await claim();
    await leasesEnd();
  }
  return last;
}

const decide = (webhookId: string, decision: "release" | "end") =>
  decideSetAside(database.db, testActor, webhookId, decision);

const deliver = (webhooks: readonly ClaimedWebhook[]) => deliverAll(database.pool, webhooks);

const ids = (webhooks: readonly { id: string }[]): string[] => webhooks.map((one) => one.id);

test("a webhook whose workers die with it again and again is set aside with what is known, and the lane goes on", async () => {
  const deadly = await accept();
  const told: string[] = [];
  const [last] = await dieWith(unrecordedMax);
  expect(last).toMatchObject({ id: deadly, attempt: unrecordedMax });
  const next = await accept();
  expect(ids(await claim({ onSetAside: (webhookIds) => told.push(...webhookIds) }))).toEqual([
    next,
  ]);
  expect(told).toEqual([deadly]);
  expect(await listSetAside(database.db)).toMatchObject({
    totalCount: 1,
    webhooks: [{ id: deadly, channelId, attemptCount: 5, unrecordedCount: 5, defect: null }],
  });
  expect(await claim()).toEqual([]);
});

test("a recorded outcome, and being given back unsent, are no reason to set a webhook aside", async () => {
  await accept();
  for (let turn = 0; turn < 3 * unrecordedMax; turn += 1) {
    const held = await claim();
    expect(held).toHaveLength(1);
    await returnWebhooks(database.pool, held);
  }
  expect((await listSetAside(database.db)).totalCount).toBe(0);
});

test("webhooks that were only beside a deadly one are taken one at a time and get through", async () => {
  const deadly = await accept();
  const neighbours = await Promise.all(Array.from({ length: 6 }, accept));
  let deaths = 0;
  for (let turn = 0; turn < 40; turn += 1) {
    const held = await claim();
    if (held.some((one) => one.id === deadly)) deaths += 1;
    else await deliver(held);
    await leasesEnd();
  }
  expect(deaths).toBe(unrecordedMax);
  expect(ids((await listSetAside(database.db)).webhooks)).toEqual([deadly]);
  const delivered = await database.db.webhook.findMany({ where: { state: "delivered" } });
  expect(ids(delivered).sort()).toEqual(neighbours.sort());
});

test("what the worker said last stands beside the webhook, unless it had lost its lease by then", async () => {
  await accept();
  const [lost] = await dieWith(1);
  const [holder] = await claim();
  if (lost === undefined || holder === undefined) throw new Error("a webhook was expected");
  await noteDefect(database.pool, [holder], new Error("not with\0this"));
  await noteDefect(database.pool, [lost], new Error("too late"));
  await leasesEnd();
  await dieWith(unrecordedMax);
  const { webhooks } = await listSetAside(database.db);
  expect(webhooks.map((one) => one.defect)).toEqual(["Error: not with\ufffdthis"]);
});

test("an operator can have it tried again, as a redelivery and with as many tries as at first", async () => {
  const deadly = await accept();
  await dieWith(unrecordedMax + 1);
  await decide(deadly, "release");
  const [again] = await claim();
  expect(again).toMatchObject({ id: deadly, attempt: unrecordedMax + 1, isDoubtful: false });
  await leasesEnd();
  await dieWith(unrecordedMax - 1);
  expect((await listSetAside(database.db)).totalCount).toBe(0);
  await claim();
  expect((await listSetAside(database.db)).totalCount).toBe(1);
});

test("an operator can end it as cancelled; of two decisions the second is refused", async () => {
  const deadly = await accept();
  await dieWith(unrecordedMax + 1);
  await decide(deadly, "end");
  await expect(decide(deadly, "end")).rejects.toMatchObject({ code: "not_found" });
  await expect(decide(deadly, "release")).rejects.toMatchObject({ code: "not_found" });
  const [logged] = await database.db.webhook.findMany();
  expect(logged).toMatchObject({ id: deadly, state: "cancelled", attempts: unrecordedMax });
  expect(await database.db.queuedWebhook.count()).toBe(0);
});

test("turning Use webhook off ends what was set aside too", async () => {
  await accept();
  await dieWith(unrecordedMax + 1);
  const cancel = async (lanes: "redeliveries" | "all") =>
    (await cancelWaiting(database.db, [channelId], { lanes })).ended.get(channelId) ?? 0;
  expect(await cancel("redeliveries")).toBe(0);
  expect(await cancel("all")).toBe(1);
  expect((await listSetAside(database.db)).totalCount).toBe(0);
  expect(await database.db.webhook.count({ where: { state: "cancelled" } })).toBe(1);
});
