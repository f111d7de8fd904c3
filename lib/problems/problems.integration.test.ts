import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { inTransaction } from "#lib/db.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { type CountableError, countErrors } from "#lib/webhook-errors/count-errors.ts";
import { summariseErrors } from "#lib/webhook-errors/summarise.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { actorOf, createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { giveBackProblem, muteProblem, takeProblem, unmuteProblem } from "./commands.ts";
import { listProblems } from "./list-problems.ts";
import { type ProblemKey, problemName } from "./problem-name.ts";
import { readMuted } from "./read-muted.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const refused: ProblemKey = { reason: "could_not_connect", detail: "Connection failed" };
const timeout: ProblemKey = { reason: "request_timeout", detail: "Request timeout" };
/** Of one moment, so that no minute ends between two times of a test. */
const start = Date.now();
const minutesAgo = (minutes: number): Date => new Date(start - minutes * 60_000);

async function makeChannel(): Promise<string> {
  return (await createChannel(database.db, { errorStatisticsAggregation: true })).id;
}

/** Recorded as a worker does it, so many minutes ago. */
async function fail(channelId: string, { reason, detail }: ProblemKey, ...minutes: number[]) {
  const errors = minutes.map((ago): CountableError => {
    const occurredAt = minutesAgo(ago);
    return {
      ...{ webhookId: newWebhookId(occurredAt), attempt: 1, isFirst: true, channelId, occurredAt },
      ...{ reason: reason as ErrorReason, detail, statusCode: null, likelyCause: null },
    };
  });
  await inTransaction(database.pool, (client) => countErrors(client, errors));
}

async function deliver(channelId: string, ago: number, count: number): Promise<void> {
  await database.pool.query(
    `insert into delivered_minutes values ($1, date_trunc('minute', $2::timestamptz, 'UTC'), $3)
     on conflict (channel_id, minute) do update set delivered_count = delivered_minutes.delivered_count + $3`,
    [channelId, minutesAgo(ago), count],
  );
}

const floor = (at: Date, ms: number): Date => new Date(Math.floor(at.getTime() / ms) * ms);
const stretch = (channelId: string, hours = 24) => ({
  channelId,
  from: floor(minutesAgo(hours * 60), 60_000),
  to: floor(minutesAgo(-2), 60_000),
});
const list = async (channelId: string, hours?: number) =>
  (await listProblems(database.db, stretch(channelId, hours))).problems;
const only = async (channelId: string, of: ProblemKey) =>
  (await list(channelId)).find((one) => problemName(one) === problemName(of)) ?? expect.fail();

async function makeAdmin(channelId: string, name = "Hana") {
  const user = await createUser(database.db, { name });
  await createMember(database.db, channelId, { userId: user.id });
  return actorOf(user);
}
const isMuted = async (channelId: string, of: ProblemKey) =>
  (await readMuted(database.pool, [channelId])).get(channelId)?.has(problemName(of)) ?? false;

describe("figures", () => {
  test.each([1, 24, 24 * 40])(
    "add up to the summary's over %s hours, by minute and by hour",
    async (hours) => {
      const channelId = await makeChannel();
      await fail(channelId, refused, 1, 2, 3, 50, 59, 61, 300, 2_000, 50_000);
      await fail(channelId, timeout, 5, 58, 1_000);
      const of = stretch(channelId, hours);
      const none = { reason: null, detail: null, status: null, attempt: null };
      const summary = await summariseErrors(database.db, { ...of, ...none });
      const problems = await list(channelId, hours);
      const sum = (one: "errorCount" | "webhookCount") =>
        problems.reduce((all, p) => all + p[one], 0);
      expect([sum("errorCount"), sum("webhookCount")]).toEqual([
        summary.errorCount,
        summary.webhookCount,
      ]);
      for (const { trend, errorCount } of problems) {
        expect(trend).toHaveLength(24);
        expect(trend.reduce((all, count) => all + count, 0)).toBe(errorCount);
      }
    },
  );

  test("say when each was first and last seen in the range, most errors first", async () => {
    const channelId = await makeChannel();
    await fail(channelId, timeout, 40);
    await fail(channelId, refused, 90, 30);
    expect(await list(channelId)).toMatchObject([
      { ...refused, errorCount: 2, resolvedAt: null, former: null, muted: null, taken: null },
      { ...timeout, errorCount: 1 },
    ]);
    const { firstAt, lastAt } = await only(channelId, refused);
    expect(Math.round((lastAt.getTime() - firstAt.getTime()) / 60_000)).toBe(60);
    expect(await list(channelId, 1)).toMatchObject([{ errorCount: 1 }, { errorCount: 1 }]);
  });

  test("of another channel never appear", async () => {
    await fail(await makeChannel(), refused, 5);
    expect(await list(await makeChannel())).toEqual([]);
  });
});

describe("a problem", () => {
  test("is resolved an hour after its last error, once 20 deliveries began in later minutes", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 200, 100);
    await deliver(channelId, 100, 500);
    await deliver(channelId, 50, 19);
    expect(await only(channelId, refused)).toMatchObject({ resolvedAt: null });
    await deliver(channelId, 10, 1);
    const { resolvedAt } = await only(channelId, refused);
    expect(resolvedAt?.getTime()).toBe(floor(minutesAgo(9), 60_000).getTime());
  });

  test("that was there within the hour is not resolved, however much is delivered", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 55);
    await deliver(channelId, 30, 5_000);
    expect(await only(channelId, refused)).toMatchObject({ resolvedAt: null });
  });

  test("of a quiet bot is resolved by three deliveries and a day", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 23 * 60, 25 * 60);
    await fail(channelId, timeout, 24 * 60 + 30);
    await deliver(channelId, 60, 3);
    const problems = await list(channelId, 48);
    expect(problems).toMatchObject([
      { ...refused, resolvedAt: null },
      { ...timeout, resolvedAt: expect.any(Date) },
    ]);
  });

  test("that comes back says so with the times before, and only if it was resolved", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 300, 290);
    await fail(channelId, timeout, 300, 290);
    await deliver(channelId, 200, 20);
    await fail(channelId, refused, 30);
    await deliver(channelId, 289, 4);
    const back = await only(channelId, refused);
    const minutes = (at: Date | undefined) => Math.round((start - (at?.getTime() ?? 0)) / 60_000);
    expect(minutes(back.former?.firstAt)).toBe(300);
    expect(minutes(back.former?.lastAt)).toBe(290);
    expect(minutes(back.former?.backAt)).toBe(30);
    expect(await only(channelId, timeout)).toMatchObject({
      former: null,
      resolvedAt: expect.any(Date),
    });
  });

  test("goes on after a pause in which nothing was delivered", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 400);
    await fail(channelId, refused, 30);
    expect(await only(channelId, refused)).toMatchObject({ former: null, resolvedAt: null });
  });
});

describe("a mute", () => {
  test("for a time says who and until when, and ends with it", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const admin = await makeAdmin(channelId);
    await muteProblem(database.db, admin, { channelId, ...refused, span: "8h" });
    expect(await isMuted(channelId, refused)).toBe(true);
    expect(await isMuted(channelId, timeout)).toBe(false);
    const { muted } = await only(channelId, refused);
    expect(muted?.by).toBe("Hana");
    expect((muted?.until?.getTime() ?? 0) - (muted?.at.getTime() ?? 0)).toBe(8 * 3_600_000);
    await database.pool.query(
      "update problem_marks set muted_until = now() - interval '1 second' where channel_id = $1",
      [channelId],
    );
    expect(await isMuted(channelId, refused)).toBe(false);
    expect(await only(channelId, refused)).toMatchObject({ muted: null });
  });

  test("until it changes ends when another problem begins", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const admin = await makeAdmin(channelId);
    await muteProblem(database.db, admin, { channelId, ...refused, span: "change" });
    await database.pool.query(
      "update problem_marks set muted_at = now() - interval '3 minutes' where channel_id = $1",
      [channelId],
    );
    await fail(channelId, refused, 1);
    expect(await isMuted(channelId, refused)).toBe(true);
    expect(await only(channelId, refused)).toMatchObject({ muted: { until: null } });
    await fail(channelId, timeout, 1);
    expect(await isMuted(channelId, refused)).toBe(false);
  });

  test("until it changes ends when the problem comes back after it was resolved", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 300);
    await muteProblem(database.db, await makeAdmin(channelId), {
      channelId,
      ...refused,
      span: "change",
    });
    await database.pool.query(
      "update problem_marks set muted_at = now() - interval '299 minutes' where channel_id = $1",
      [channelId],
    );
    expect(await isMuted(channelId, refused)).toBe(true);
    await deliver(channelId, 200, 20);
    expect(await only(channelId, refused)).toMatchObject({ muted: null });
    await fail(channelId, refused, 1);
    expect(await isMuted(channelId, refused)).toBe(false);
  });

  test("can be taken back, and a second time does nothing", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const admin = await makeAdmin(channelId);
    await muteProblem(database.db, admin, { channelId, ...refused, span: "7d" });
    await unmuteProblem(database.db, admin, { channelId, ...refused });
    await unmuteProblem(database.db, admin, { channelId, ...refused });
    expect(await isMuted(channelId, refused)).toBe(false);
    const where = { channelId, action: "problem_unmuted" };
    expect(await database.db.auditEntry.count({ where })).toBe(1);
  });

  test("is refused to a Member, and for a problem that there is not", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const user = await createUser(database.db);
    await createMember(database.db, channelId, { userId: user.id, role: "member" });
    const form = { channelId, ...refused, span: "1h" } as const;
    await expect(muteProblem(database.db, actorOf(user), form)).rejects.toMatchObject({
      code: "forbidden",
    });
    const admin = await makeAdmin(channelId);
    await expect(muteProblem(database.db, admin, { ...form, ...timeout })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await isMuted(channelId, refused)).toBe(false);
  });
});

describe("I am on it", () => {
  test("is one person's at a time, seen by all, and taken back by anyone who may", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const form = { channelId, ...refused };
    const [hana, ken] = [await makeAdmin(channelId), await makeAdmin(channelId, "Ken")];
    const tries = await Promise.allSettled(
      [hana, ken].map((who) => takeProblem(database.db, who, form)),
    );
    const [lost] = tries.filter(({ status }) => status === "rejected");
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(lost).toMatchObject({ reason: { code: "conflict", key: "problem_taken" } });
    expect(["Hana", "Ken"]).toContain((await only(channelId, refused)).taken?.by);
    await giveBackProblem(database.db, ken, form);
    expect(await only(channelId, refused)).toMatchObject({ taken: null });
    await takeProblem(database.db, ken, form);
    expect(await only(channelId, refused)).toMatchObject({ taken: { by: "Ken" } });
  });

  test("is over when the problem comes back, so that somebody else can be", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 300);
    const form = { channelId, ...refused };
    await takeProblem(database.db, await makeAdmin(channelId), form);
    await database.pool.query(
      "update problem_marks set taken_at = now() - interval '290 minutes' where channel_id = $1",
      [channelId],
    );
    await deliver(channelId, 200, 20);
    expect(await only(channelId, refused)).toMatchObject({ taken: null });
    await fail(channelId, refused, 1);
    expect(await only(channelId, refused)).toMatchObject({ taken: null });
    await takeProblem(database.db, await makeAdmin(channelId, "Ken"), form);
    expect(await only(channelId, refused)).toMatchObject({ taken: { by: "Ken" } });
  });

  test("on a problem that is no longer kept is refused by what is so, whoever was on it", async () => {
    const channelId = await makeChannel();
    await fail(channelId, refused, 5);
    const form = { channelId, ...refused };
    const hana = await makeAdmin(channelId);
    await takeProblem(database.db, hana, form);
    await database.pool.query("delete from problems where channel_id = $1", [channelId]);
    const gone = { code: "not_found", key: "problem_gone" };
    await expect(takeProblem(database.db, hana, form)).rejects.toMatchObject(gone);
    const mute = { ...form, span: "1h" } as const;
    await expect(muteProblem(database.db, hana, mute)).rejects.toMatchObject(gone);
  });
});
