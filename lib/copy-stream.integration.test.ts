import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Database } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type CopyBatches, type CopyOptions, streamCopies, streamCounted } from "./copy-stream.ts";

let database: Database;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

/** Twenty batches of a megabyte: more than a reader who does not read is sent ahead. */
const large: CopyBatches = async function* ({ copy }) {
  for (let batch = 0; batch < 20; batch += 1) {
    const statement = Prisma.sql`copy (select repeat('x', 1000) from generate_series(1, 1000)) to stdout`;
    yield (await copy(statement)).bytes;
  }
};
const open = (options?: CopyOptions) => streamCopies(database.pool, large, options);
const brokenOff = "the file is broken off";

async function takeSlowly(stream: ReadableStream<Uint8Array>, pauseMs: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return bytes;
}

test("a file that nobody reads gives its connection back, and the reader is told", async () => {
  const stream = await open({ pace: { patienceMs: 200, bytesPerSecondMin: 1 } });
  await vi.waitFor(() => expect(database.pool.totalCount).toBe(0), { timeout: 60_000 });
  await expect(new Response(stream).text()).rejects.toThrow(brokenOff);
});

test("so does a file that is read at a trickle", async () => {
  const stream = await open({ pace: { patienceMs: 500, bytesPerSecondMin: 1_000_000_000 } });
  await expect(takeSlowly(stream, 50)).rejects.toThrow(brokenOff);
  expect(database.pool.totalCount).toBe(0);
});

test("a file whose first rows cannot be read is refused, not begun and broken off", async () => {
  const broken: CopyBatches = async function* ({ copy }) {
    yield Buffer.from("Date\tErrors\n");
    yield (await copy(Prisma.sql`copy (select 1 / 0) to stdout`)).bytes;
  };
  await expect(streamCopies(database.pool, broken)).rejects.toThrow("division by zero");
  await vi.waitFor(() => expect(database.pool.totalCount).toBe(0), { timeout: 60_000 });
});

// A rejection that nobody handles fails the run by itself.
test("a file whose rows cannot be counted is refused, and its failure is told once", async () => {
  const counted = streamCounted(database.pool, async ({ ask }) => {
    await ask(Prisma.sql`select 1 / 0`);
    return { rowCount: 0, pieces: (async function* () {})() };
  });
  await expect(counted).rejects.toThrow("division by zero");
  await vi.waitFor(() => expect(database.pool.totalCount).toBe(0), { timeout: 60_000 });
});

test("a reader who only takes their time gets the whole file", async () => {
  const stream = await open({ pace: { patienceMs: 60_000, bytesPerSecondMin: 1 } });
  expect(await takeSlowly(stream, 2)).toBe(20_000 * 1_001);
});

test("time in which the reader waits for the database is not the reader's", async () => {
  const statement = Prisma.sql`copy (select pg_sleep(0.5), 'x') to stdout`;
  const stream = await streamCopies(
    database.pool,
    async function* ({ copy }) {
      for (let batch = 0; batch < 8; batch += 1) yield (await copy(statement)).bytes;
    },
    { pace: { patienceMs: 2_000, bytesPerSecondMin: 1_000_000_000 } },
  );
  expect(await new Response(stream).text()).toBe("\tx\n".repeat(8));
});

test("while the reader takes nothing, the database holds no snapshot for the file", async () => {
  const stream = (await open()).getReader();
  await stream.read();
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool.query(
        "select state, query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      expect(rows).toMatchObject([{ state: "idle", query: expect.stringMatching(/^copy/) }]);
    },
    { timeout: 60_000, interval: 50 },
  );
  await stream.cancel();
});

test("files take a part of the connections only, however many are begun at once", async () => {
  const begun = await Promise.allSettled(
    Array.from({ length: 12 }, () => open({ patienceMs: 200 })),
  );
  const streams = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const refused = begun.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(streams).toHaveLength(4);
  expect(refused[0]).toMatchObject({ code: "unavailable", key: "downloads_busy" });
  // Pages are still answered.
  expect((await database.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await Promise.all(streams.map((stream) => stream.cancel()));
  await (await open()).cancel();
});

test("one reader takes out two files at once, so that others find a place, and a few more wait", async () => {
  const begun = Array.from({ length: 10 }, () => open({ reader: "one", patienceMs: 30_000 }));
  const refused = await Promise.allSettled(begun.slice(6));
  const first = await Promise.all(begun.slice(0, 2));
  for (const one of refused) {
    expect(one).toMatchObject({ status: "rejected", reason: { key: "downloads_busy" } });
  }
  await (await open({ reader: "other" })).cancel();
  await Promise.all(first.map((stream) => stream.cancel()));
  for (const later of begun.slice(2, 6)) await (await later).cancel();
});

test("who waits in line gets the place of a file that is done", async () => {
  const streams = await Promise.all(Array.from({ length: 4 }, () => open()));
  const late = open({ patienceMs: 10_000 });
  await streams[0]?.cancel();
  const texts = await Promise.all([late.then((stream) => new Response(stream).text())]);
  expect(texts[0]).toHaveLength(20_000 * 1_001);
  await Promise.all(streams.slice(1).map((stream) => stream.cancel()));
});

test("a statement that cannot be begun keeps no place", async () => {
  for (let n = 0; n < 6; n += 1) {
    const stream = streamCopies(
      database.pool,
      async function* ({ copy }) {
        yield (await copy(Prisma.sql`copy (select 1 from nothing_of_the_kind) to stdout`)).bytes;
      },
      { patienceMs: 200 },
    );
    await expect(stream).rejects.toThrow("nothing_of_the_kind");
  }
});
