import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { seal } from "#lib/sealing.ts";
import { createChannel, testEncryptionKey as key, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import {
  cancelOverlap,
  issueSecretAtOnce,
  issueSecretWithOverlap,
  revealSecrets,
  switchSecret,
} from "./issue-secret.ts";
import { findSecretOverlap } from "./queries.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const make = () => createChannel(database.db);
const secretsOf = (channelId: string) => revealSecrets(database.db, key, channelId);
/** Brings the end of the overlap here, by database time. */
const let24hPass = (channelId: string) =>
  database.pool.query(
    "update channels set next_secret_from = now() - interval '1 ms' where id = $1",
    [channelId],
  );
const refusal = { code: "conflict", key: "secret_overlap_runs" };
const gone = { code: "conflict", key: "secret_overlap_gone" };

test("issued at once, the new secret is the only one", async () => {
  const { id, secret } = await make();
  await issueSecretAtOnce(database.db, key, testActor, id, null);
  const { current, next } = await secretsOf(id);
  expect(current).toMatch(/^[0-9a-f]{32}$/);
  expect(current).not.toBe(secret);
  expect(next).toBeNull();
  expect(await findSecretOverlap(database.db, id)).toBeNull();
});

test("issued with an overlap, the old secret stays in force for 24 hours of database time, then the new one alone", async () => {
  const { db, pool } = database;
  const { id, secret } = await make();
  const from = await issueSecretWithOverlap(db, key, testActor, id);
  const { rows } = await pool.query(
    "select $1::timestamptz - now() between interval '23:59' and interval '24:00' as ok",
    [from],
  );
  expect(rows).toEqual([{ ok: true }]);
  expect(await findSecretOverlap(db, id)).toEqual(from);
  const during = await secretsOf(id);
  expect(during).toEqual({ current: secret, next: { secret: expect.any(String), from } });
  expect(during.next?.secret).not.toBe(secret);

  await let24hPass(id);
  expect(await secretsOf(id)).toEqual({ current: during.next?.secret, next: null });
  expect(await findSecretOverlap(db, id)).toBeNull();
});

test("pressing the switch puts the new secret in force alone and keeps nothing of the old one", async () => {
  const { db } = database;
  const { id } = await make();
  const from = await issueSecretWithOverlap(db, key, testActor, id);
  const before = await db.channel.findUniqueOrThrow({ where: { id } });
  const { next } = await secretsOf(id);
  await switchSecret(db, key, testActor, id, from);
  expect(await secretsOf(id)).toEqual({ current: next?.secret, next: null });
  const after = await db.channel.findUniqueOrThrow({ where: { id } });
  expect(after.sealedSecret).not.toBe(before.sealedSecret);
  expect(after).toMatchObject({ nextSealedSecret: null, nextSecretFrom: null });
  await expect(switchSecret(db, key, testActor, id, from)).rejects.toMatchObject(gone);
});

test("cancelling keeps the old secret, and another can be issued with an overlap", async () => {
  const { db } = database;
  const { id, secret } = await make();
  const from = await issueSecretWithOverlap(db, key, testActor, id);
  const first = await secretsOf(id);
  await cancelOverlap(db, testActor, id, from);
  expect(await secretsOf(id)).toEqual({ current: secret, next: null });
  await issueSecretWithOverlap(db, key, testActor, id);
  const second = await secretsOf(id);
  expect(second).toMatchObject({ current: secret });
  expect(second.next?.secret).not.toBe(first.next?.secret);
});

test("while an overlap runs a second issue is refused, unless it is at once and knows of the overlap", async () => {
  const { db } = database;
  const { id, secret } = await make();
  const from = await issueSecretWithOverlap(db, key, testActor, id);
  const during = await secretsOf(id);
  await expect(issueSecretWithOverlap(db, key, testActor, id)).rejects.toMatchObject(refusal);
  await expect(issueSecretAtOnce(db, key, testActor, id, null)).rejects.toMatchObject(refusal);
  const another = new Date(from.getTime() - 1);
  await expect(issueSecretAtOnce(db, key, testActor, id, another)).rejects.toMatchObject(refusal);
  expect(await secretsOf(id)).toEqual(during);

  await issueSecretAtOnce(db, key, testActor, id, from);
  const { current, next } = await secretsOf(id);
  expect(next).toBeNull();
  expect([secret, during.next?.secret]).not.toContain(current);
});

test("after an overlap has ended by itself the next issue overlaps with the secret that came into force", async () => {
  const { db } = database;
  const { id } = await make();
  const from = await issueSecretWithOverlap(db, key, testActor, id);
  await let24hPass(id);
  const inForce = (await secretsOf(id)).current;
  await expect(switchSecret(db, key, testActor, id, from)).rejects.toMatchObject(gone);
  await expect(cancelOverlap(db, testActor, id, from)).rejects.toMatchObject(gone);
  expect((await secretsOf(id)).current).toBe(inForce);
  await issueSecretWithOverlap(db, key, testActor, id);
  expect(await secretsOf(id)).toMatchObject({
    current: inForce,
    next: { secret: expect.any(String) },
  });
});

/** Holds the channel's row until all of the work waits for it, so that the race is run and not hoped for. */
async function heldOpen<T>(
  channelId: string,
  waiting: number,
  start: () => Promise<T>[],
): Promise<PromiseSettledResult<T>[]> {
  const holder = await database.pool.connect();
  try {
    await holder.query("begin");
    await holder.query("select 1 from channels where id = $1 for update", [channelId]);
    const settled = Promise.allSettled(start());
    const deadline = Date.now() + 120_000;
    for (;;) {
      // On another connection: a transaction sees the statistics as they were when it first looked.
      const { rows } = await database.pool.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      );
      if (rows[0]?.count === waiting) break;
      if (Date.now() > deadline) throw new Error(`${rows[0]?.count} of ${waiting} wait`);
    }
    await holder.query("commit");
    return await settled;
  } finally {
    holder.release();
  }
}

describe("two Admins at the same moment", () => {
  const outcomes = async (work: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((one) => one.status).sort();

  test("of many issues with an overlap one is done and its secret stays", async () => {
    const { id, secret } = await make();
    const issues = 4;
    const settled = await heldOpen(id, issues, () =>
      Array.from({ length: issues }, () => issueSecretWithOverlap(database.db, key, testActor, id)),
    );
    const done = settled.filter((one) => one.status === "fulfilled");
    expect(done).toHaveLength(1);
    for (const one of settled) {
      if (one.status === "rejected") expect(one.reason).toMatchObject(refusal);
    }
    expect(await secretsOf(id)).toMatchObject({ current: secret, next: { from: done[0]?.value } });
  });

  test("of a switch and a cancel one is done, and the secret in force is the one it says", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id, secret } = await make();
      const from = await issueSecretWithOverlap(database.db, key, testActor, id);
      const { next } = await secretsOf(id);
      const [switched, cancelled] = await heldOpen(id, 2, () => [
        switchSecret(database.db, key, testActor, id, from),
        cancelOverlap(database.db, testActor, id, from),
      ]);
      expect([switched?.status, cancelled?.status].sort()).toEqual(["fulfilled", "rejected"]);
      const expected = switched?.status === "fulfilled" ? next?.secret : secret;
      expect(await secretsOf(id)).toEqual({ current: expected, next: null });
    }
  });

  test("a switch that meant an overlap which was cancelled does not end the one begun since", async () => {
    const { db } = database;
    const { id, secret } = await make();
    const seen = await issueSecretWithOverlap(db, key, testActor, id);
    await cancelOverlap(db, testActor, id, seen);
    await issueSecretWithOverlap(db, key, testActor, id);
    expect(
      await outcomes([
        switchSecret(db, key, testActor, id, seen),
        cancelOverlap(db, testActor, id, seen),
      ]),
    ).toEqual(["rejected", "rejected"]);
    expect(await secretsOf(id)).toMatchObject({
      current: secret,
      next: { secret: expect.any(String) },
    });
  });
});

describe("a sealed secret opens in its own place only", () => {
  test("not in the other column, not in another channel's row", async () => {
    const { db } = database;
    const [one, other] = [await make(), await make()];
    await issueSecretWithOverlap(db, key, testActor, one.id);
    const { nextSealedSecret } = await db.channel.findUniqueOrThrow({ where: { id: one.id } });
    expect(nextSealedSecret).not.toBeNull();
    const moved = { nextSealedSecret, nextSecretFrom: new Date(Date.now() + 3_600_000) };
    await db.channel.update({ where: { id: other.id }, data: moved });
    await expect(secretsOf(other.id)).rejects.toThrow(/cannot be decrypted/);

    await db.channel.update({
      where: { id: one.id },
      data: { sealedSecret: nextSealedSecret ?? "" },
    });
    await expect(secretsOf(one.id)).rejects.toThrow(/cannot be decrypted/);
    await db.channel.update({
      where: { id: one.id },
      data: {
        sealedSecret: one.sealedSecret,
        nextSealedSecret: seal(key, `channels.sealed_secret.${one.id}`, "0".repeat(32)),
      },
    });
    await expect(secretsOf(one.id)).rejects.toThrow(/cannot be decrypted/);
  });

  test("and no secret stands in the row in the clear", async () => {
    const { id } = await make();
    await issueSecretWithOverlap(database.db, key, testActor, id);
    const { current, next } = await secretsOf(id);
    const row = JSON.stringify(await database.db.channel.findUniqueOrThrow({ where: { id } }));
    expect(row).not.toContain(current);
    expect(row).not.toContain(next?.secret);
  });
});
