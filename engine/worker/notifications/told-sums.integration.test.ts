import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { createRenderDigest } from "#engine/worker/mail/render-digest.ts";
import { createRenderNotification } from "#engine/worker/mail/render-mail.ts";
import { type Database, inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { recoverySql } from "#lib/endpoint-health/recovery-sql.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import type { NotableFailure, NotificationPolicy } from "#lib/notifications/schema.ts";
import { closingOptions } from "#testing/closing-options.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// What people and programs are told is read from the mails and bodies as they leave, not from what they were made of.
const minuteMs = 60_000;
const baseUrl = "https://console.example.com";
const renderers = {
  render: createRenderNotification(baseUrl, { limitMs: 72 * 60 * minuteMs, suspends: false }),
  renderDigest: createRenderDigest(baseUrl),
};
let database: Database;
let begun = Date.parse("2026-11-28T00:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

type Sums = Record<string, number>;
type Step = { minutes: number; channel: 0 | 1 } & (
  | { act: "fail"; kind: number; count: number }
  | { act: "deliver" | "join" | "target" | "withdraw" | "approve" | "threshold" | "none" | "hush" }
);

const kinds: Pick<NotableFailure, "type" | "statusCode" | "reason" | "detail">[] = [
  { type: "error_detected", statusCode: 500, reason: "error_status_code", detail: "500" },
  { type: "error_detected", statusCode: 503, reason: "error_status_code", detail: "503" },
  ...(["error_detected", "redelivery_stopped"] as const).map((type) => ({
    ...{
      type,
      statusCode: null,
      reason: "could_not_connect" as const,
      detail: "Connection failed",
    },
  })),
  {
    ...{ type: "error_detected", statusCode: null },
    ...{ reason: "request_timeout", detail: "Request timeout" },
  },
];

const minutes = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 5, max: 90 }));
const channel = fc.constantFrom(0 as const, 1 as const);
const failing = fc.record({
  ...{ minutes, channel, act: fc.constant("fail" as const) },
  // Mostly of few kinds, so that there is something to hold.
  kind: fc.oneof(fc.constant(0), fc.nat({ max: kinds.length - 1 })),
  count: fc.integer({ min: 1, max: 40 }),
});
const doing = <Act extends Exclude<Step["act"], "fail">>(...acts: Act[]) =>
  fc.record({ minutes, channel, act: fc.constantFrom(...acts) });
const policies: fc.Arbitrary<Partial<NotificationPolicy>> = fc.record({
  access: fc.constant("apply" as const),
  // 0: all goes into digests.
  digestAbove: fc.constantFrom(0, 0, 1, 5),
  channelCapPerDay: fc.constantFrom(1, 6),
  earlyMs: fc.constantFrom(0, 20_000),
  reminderPausesMs: fc.constantFrom(
    [15 * minuteMs],
    [0],
    [15 * minuteMs, 60 * minuteMs],
    [60 * minuteMs, 360 * minuteMs],
  ),
});

class World {
  now: number;
  readonly policy: Partial<NotificationPolicy>;
  readonly channelIds: string[] = [];
  readonly approvals: { channelId: string; at: Date }[] = [];
  owner = "";
  ownerId = "";
  late: { email: string; at: Date } | null = null;
  readonly targets: { id: string; kind: "webhook" | "slack"; at: Date }[] = [];

  constructor(policy: Partial<NotificationPolicy>) {
    this.policy = policy;
    // Each world has days of its own, so that the clock never goes back.
    begun += 20 * 24 * 60 * minuteMs;
    this.now = begun;
  }

  async found(): Promise<void> {
    const { db } = database;
    const owner = await createUser(db);
    this.owner = owner.email;
    this.ownerId = owner.id;
    for (const _ of [0, 1]) {
      const { id } = await createChannel(db, { emailVerifiedAt: null });
      await createMember(db, id, { userId: owner.id });
      await approveNotification(db, id);
      this.channelIds.push(id);
    }
    for (const kind of ["webhook", "slack"] as const) await this.addTarget(kind);
  }

  async addTarget(kind: "webhook" | "slack"): Promise<void> {
    const { id } = await database.db.alertTarget.create({
      data: {
        ...{ channelId: this.channelIds[0] ?? "", kind, name: kind },
        ...{ sealedUrl: "", host: "alerts.example.com" },
      },
    });
    this.targets.push({ id, kind, at: new Date(this.now) });
  }

  async step(step: Step): Promise<void> {
    // No two steps at the same moment: whoever joins listens to what settles after that.
    this.now += step.minutes * minuteMs + 1;
    const channelId = this.channelIds[step.channel] ?? "";
    await this.act(step, channelId);
    await this.close();
  }

  close() {
    const given = closingOptions(this.policy, { now: new Date(this.now), ...renderers });
    return closeDueWindows(database.pool, given);
  }

  async act(step: Step, channelId: string): Promise<void> {
    const at = new Date(this.now);
    const { db } = database;
    switch (step.act) {
      case "fail":
        return fail(channelId, at, step);
      case "deliver":
        await database.pool.query(
          `update endpoint_health h ${recoverySql} from (select $1::text as channel_id, $2::timestamptz as delivered_at) d
            where h.channel_id = d.channel_id and h.failing_since < d.delivered_at`,
          [channelId, at],
        );
        return;
      case "join": {
        if (this.late !== null) return;
        const user = await createUser(db);
        this.late = { email: user.email, at };
        for (const id of this.channelIds) await createMember(db, id, { userId: user.id });
        return;
      }
      case "target":
        if (this.targets.length < 4) await this.addTarget("webhook");
        return;
      case "threshold":
      case "none":
        await db.notificationThreshold.deleteMany({ where: { channelId } });
        if (step.act === "none") return;
        await db.notificationThreshold.create({
          data: { channelId, kind: "count", value: 20, countedFrom: at },
        });
        return;
      case "hush":
        return this.hush(at);
      case "withdraw":
        await db.notificationGrant.updateMany({
          where: { channelId, state: "approved" },
          data: { state: "withdrawn", holdsChannel: null },
        });
        return;
      case "approve":
        if ((await db.notificationGrant.count({ where: { holdsChannel: channelId } })) === 0) {
          await approveNotification(db, channelId, { decidedAt: at });
          this.approvals.push({ channelId, at });
        }
    }
  }

  /** The owner's quiet hours go on for an hour and a half from now; every other minute outages come even then. */
  async hush(at: Date): Promise<void> {
    const { db } = database;
    const { ownerId: userId } = this;
    // Of somebody without a zone, in the installation's.
    const minute = (at.getUTCHours() + 9) * 60 + at.getUTCMinutes();
    await db.quietHours.deleteMany({ where: { userId } });
    await db.quietHours.create({
      data: {
        ...{ userId, beginsAt: minute % 1_440, endsAt: (minute + 90) % 1_440 },
        ...{ weekdays: [1, 2, 3, 4, 5, 6, 7], outagesCome: minute % 2 === 0 },
      },
    });
  }

  /** Until every window has settled, and every digest and what quiet hours held has left. */
  async finish(): Promise<void> {
    await database.db.quietHours.deleteMany({ where: { userId: this.ownerId } });
    for (let round = 0; round < 8; round += 1) {
      this.now += 31 * minuteMs;
      await this.close();
    }
  }
}

async function fail(
  channelId: string,
  at: Date,
  { kind, count }: { kind: number; count: number },
): Promise<void> {
  const given = kinds[kind];
  if (given === undefined) throw new Error("no such kind");
  const failure: NotableFailure = { channelId, occurredAt: at, errorCount: count, ...given };
  const { reason, detail } = failure;
  await inTransaction(database.pool, async (client) => {
    await countIntoWindows(client, [failure], 300_000);
    const attempts = failure.type === "error_detected" ? count : 0;
    await noteFailures(
      client,
      Array.from({ length: attempts }, () => ({ channelId, startedAt: at, reason, detail })),
    );
  });
}

const add = (sums: Sums, name: string, count: number): void => {
  sums[name] = (sums[name] ?? 0) + count;
};

const typeNames = {
  "Error detected": "error_detected",
  "Redelivery stopped": "redelivery_stopped",
};

/** What the mails to one address say, by channel and type. */
async function readMails(world: World, recipient: string): Promise<Sums> {
  const sums: Sums = {};
  const mails = await database.db.mail.findMany({ where: { recipient } });
  const channels = await database.db.channel.findMany({ where: { id: { in: world.channelIds } } });
  for (const { kind, text, subject, channelId } of mails) {
    if (kind === "digest") {
      for (const { id, name } of channels) {
        for (const block of text.split("\n\n").filter((one) => one.startsWith(`${name}: `))) {
          const type = Object.entries(typeNames).find(([words]) => block.includes(`\n${words} · `));
          const count = Number(/: (\d+) errors?\n/.exec(block)?.[1]);
          if (type !== undefined) add(sums, `${id} ${type[1]}`, count);
        }
      }
      continue;
    }
    const isStopped = subject.includes("Webhook redelivery stopped");
    if (!isStopped && !subject.includes("no response or an error")) continue;
    const held = /(\d+) more (errors? of this kind )?ha(s|ve) been counted/.exec(text)?.[1] ?? "0";
    const count = Number(/^Error count: (\d+)$/m.exec(text)?.[1]) + Number(held);
    add(sums, `${channelId} ${isStopped ? "redelivery_stopped" : "error_detected"}`, count);
  }
  return sums;
}

/** What the bodies to one alert target say, by channel and type. */
async function readAlerts(targetId: string, kind: "webhook" | "slack"): Promise<Sums> {
  const sums: Sums = {};
  for (const { body, channelId } of await database.db.alert.findMany({ where: { targetId } })) {
    const parsed = JSON.parse(body);
    const { type, count } = kind === "slack" ? readSlack(parsed.text) : readWebhook(parsed);
    if (type !== null) add(sums, `${channelId} ${type}`, count);
  }
  return sums;
}

function readWebhook({ type, data }: { type: string; data: Record<string, number> }) {
  const known = Object.values(typeNames).find((name) => type === `channel.${name}`) ?? null;
  return { type: known, count: (data.errorCount ?? 0) + (data.heldCount ?? 0) };
}

function readSlack(text: string) {
  const isStopped = text.startsWith("*Webhook redelivery stopped*");
  const isError = text.startsWith("*Bot server returned no response");
  const counts = [...text.matchAll(/(\d+) errors? (since|more)/g)].map((found) => Number(found[1]));
  return {
    type: isStopped ? "redelivery_stopped" : isError ? "error_detected" : null,
    count: counts.reduce((sum, count) => sum + count, 0),
  };
}

/**
 * The definition, from the windows alone: what is told is the window and what was counted of its kind since the one told
 * before it; what nobody may be told, or an approval after the last one told, ends that. `since`: from when somebody listens.
 */
async function expectedOf(world: World, since: Date, channelIds: readonly string[]) {
  const [told, held]: [Sums, Sums] = [{}, {}];
  const lastTold: Record<string, Date> = {};
  const heldSince: Record<string, Date> = {};
  const windows = await database.db.notification.findMany({
    where: {
      channelId: { in: [...channelIds] },
      type: { in: ["error_detected", "redelivery_stopped"] },
    },
    orderBy: [{ settledAt: "asc" }, { closedAt: "asc" }, { id: "asc" }],
  });
  for (const { channelId, type, key, errorCount, untold, settledAt, detectedAt } of windows) {
    const kind = `${channelId} ${type} ${key}`;
    const last = lastTold[kind] ?? heldSince[kind] ?? detectedAt;
    const isAnew = world.approvals.some(
      (one) => one.channelId === channelId && one.at > last && one.at <= detectedAt,
    );
    if (isAnew) {
      held[kind] = 0;
      delete lastTold[kind];
      delete heldSince[kind];
    }
    const sum = (held[kind] ?? 0) + errorCount;
    if (untold === null) lastTold[kind] = detectedAt;
    const isHeld = untold === "reminder_pause" || untold === "below_threshold";
    held[kind] = isHeld ? sum : 0;
    if (isHeld) heldSince[kind] ??= detectedAt;
    else delete heldSince[kind];
    if (untold === null && settledAt !== null && settledAt >= since) {
      add(told, `${channelId} ${type}`, sum);
    }
  }
  return { told, held: Object.fromEntries(Object.entries(held).filter(([, count]) => count > 0)) };
}

async function heldNow(world: World): Promise<Sums> {
  const rows = await database.db.telling.findMany({
    where: { channelId: { in: world.channelIds }, heldCount: { gt: 0 } },
  });
  return Object.fromEntries(
    rows.map(({ channelId, type, key, heldCount }) => [`${channelId} ${type} ${key}`, heldCount]),
  );
}

const total = (sums: Sums): number => Object.values(sums).reduce((sum, count) => sum + count, 0);

async function play(policy: Partial<NotificationPolicy>, steps: readonly Step[]): Promise<World> {
  const world = new World(policy);
  await world.found();
  for (const step of steps) await world.step(step);
  await world.finish();
  return world;
}

test("what each mail, digest, alert and Slack message tells, with what is still held, is what was counted, exactly once", async ({
  expect,
}) => {
  const steps = fc.array(
    fc.oneof(
      { weight: 9, arbitrary: failing },
      {
        weight: 3,
        arbitrary: doing("deliver", "join", "target", "threshold", "none", "hush"),
      },
    ),
    { minLength: 4, maxLength: 24 },
  );
  await fc.assert(
    fc.asyncProperty(policies, steps, async (policy, given) => {
      const world = await play(policy, given);
      const { told, held } = await expectedOf(world, new Date(0), world.channelIds);
      const counted = given.reduce((sum, step) => sum + (step.act === "fail" ? step.count : 0), 0);
      expect(total(told) + total(held)).toBe(counted);
      expect(await heldNow(world)).toEqual(held);
      expect(await readMails(world, world.owner)).toEqual(told);
      if (world.late !== null) {
        const { told: toldLate } = await expectedOf(world, world.late.at, world.channelIds);
        expect(await readMails(world, world.late.email)).toEqual(toldLate);
      }
      for (const { id, kind, at } of world.targets) {
        const { told: toldThere } = await expectedOf(world, at, world.channelIds.slice(0, 1));
        expect(await readAlerts(id, kind)).toEqual(toldThere);
      }
    }),
    { numRuns: 30, endOnFailure: true },
  );
});

test("errors from before the function, or from when it was withdrawn, are told by no later mail or alert", async ({
  expect,
}) => {
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: failing },
      { weight: 3, arbitrary: doing("withdraw", "approve", "threshold") },
    ),
    { minLength: 6, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(policies, steps, async (policy, given) => {
      const world = await play(policy, given);
      const { told, held } = await expectedOf(world, new Date(0), world.channelIds);
      for (const { id, kind } of world.targets) {
        const first = world.channelIds[0] ?? "";
        const expected = Object.entries(told).filter(([name]) => name.startsWith(first));
        expect(await readAlerts(id, kind)).toEqual(Object.fromEntries(expected));
      }
      const now = await heldNow(world);
      expect(Object.keys(now).every((kind) => now[kind] === held[kind])).toBe(true);
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

test("a digest tells what was held since the last mail", async ({ expect }) => {
  const failing = (minutes: number, count: number): Step => ({
    ...{ minutes, channel: 0, act: "fail", kind: 0, count },
  });
  const policy = { digestAbove: 0, reminderPausesMs: [15 * minuteMs] };
  const world = await play(policy, [failing(1, 5), failing(6, 7), failing(6, 9), failing(6, 16)]);
  const digests = await database.db.mail.findMany({
    where: { recipient: world.owner },
    orderBy: { createdAt: "asc" },
  });
  expect(digests.map(({ text }) => / (\d+) errors/.exec(text)?.[1])).toEqual(["5", "32"]);
  expect(digests[1]?.text).toContain("16 of them since the last email");
});

test("what stayed below the threshold is told with the next window above it, in words, by each way of telling", async ({
  expect,
}) => {
  const failing = (minutes: number, count: number): Step => ({
    ...{ minutes, channel: 0, act: "fail", kind: 0, count },
  });
  const set = { minutes: 1, channel: 0, act: "threshold" } as const;
  // Something is delivered in each window, or all would be told.
  const deliver = { minutes: 1, channel: 0, act: "deliver" } as const;
  const steps = [5, 7, 20].flatMap((count): Step[] => [failing(6, count), deliver]);
  for (const digestAbove of [0, 5]) {
    const world = await play({ digestAbove }, [set, ...steps]);
    const [mail, ...more] = await database.db.mail.findMany({ where: { recipient: world.owner } });
    expect(more).toEqual([]);
    expect(mail?.text).toContain(
      digestAbove === 0
        ? "12 of them before, below the channel’s threshold"
        : "12 more errors of this kind have been counted before without an email, below",
    );
    const alerts = await database.db.alert.findMany({
      where: { channelId: world.channelIds[0] ?? "" },
      orderBy: { target: { kind: "asc" } },
    });
    const bodies = alerts.map(({ body }) => JSON.parse(body));
    expect(bodies.find(({ data }) => data !== undefined)?.data).toMatchObject({
      ...{ errorCount: 20, heldCount: 12, heldSince: null, toldAs: "first" },
    });
    expect(bodies.find(({ text }) => text !== undefined)?.text).toContain(
      "and 12 errors more before, below the channel's threshold",
    );
  }
});
