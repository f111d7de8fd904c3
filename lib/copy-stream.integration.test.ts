import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Database } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { createTestDatabase } from "#prisma/test-database.ts";
import { type CopyOptions, streamCopy } from "./copy-stream.ts";

let database: Database;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

/** More than a reader who does not read is sent ahead. */
const large = Prisma.sql`copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout`;
const open = (options?: CopyOptions) => streamCopy(database.pool, large, options);

test("a file that nobody reads gives its connection back, and the reader is told", async () => {
  const stream = await open({ stallMs: 200 });
  await vi.waitFor(() => expect(database.pool.totalCount).toBe(0), { timeout: 5_000 });
  await expect(new Response(stream).text()).rejects.toThrow("no reader");
});

test("a reader who only takes their time gets the whole file", async () => {
  const stream = await open({ stallMs: 2_000 });
  let bytes = 0;
  let chunks = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    chunks += 1;
    if (chunks % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
  }
  expect(bytes).toBe(20_000 * 1_001);
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
  const wrong = Prisma.sql`copy (select 1 from nothing_of_the_kind) to stdout`;
  for (let n = 0; n < 6; n += 1) {
    const stream = await streamCopy(database.pool, wrong, { patienceMs: 200 });
    await expect(new Response(stream).text()).rejects.toThrow("nothing_of_the_kind");
  }
});
