import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import { databaseUses } from "#lib/database-uses.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { listTroubles } from "#lib/intake/told-trouble.ts";
import { hashToken } from "#lib/tokens/token-hash.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import type { ApiOptions } from "./server.ts";

// Whatever keeps events from being stored: who sends them is told to come again, who watches is told why, and it ends by itself.

const run = promisify(execFile);
let database: Database & { url: string };
let proxy: DatabaseProxy;
let through: Database;
let app: FastifyInstance;
let url: string;
let channelId: string;
const key = `tpk_${randomBytes(32).toString("base64url")}`;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.platformKey.create({
    data: { name: "test", hint: "tpk_", keyHash: hashToken(key) },
  });
});
beforeEach(async () => {
  proxy = await startDatabaseProxy(database.url);
  through = openDatabase(proxy.url, databaseUses.api);
  await database.pool.query("truncate webhook_queue, ready_channels");
  channelId = await newChannel();
});
afterEach(async () => {
  for (const release of held) await release();
  proxy.mend();
  await app.close();
  await through.close();
  await proxy.close();
});
afterAll(() => database.close());

const newChannel = async (): Promise<string> =>
  (
    await createChannel(database.db, {
      webhookUrl: "https://bot.example.com/",
      useWebhook: true,
      errorStatisticsAggregation: true,
    })
  ).id;

async function start(overrides: Partial<ApiOptions> = {}): Promise<void> {
  app = createTestApi(through, overrides);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  await eventually("events are accepted", async () => (await post()).status === 202);
}

const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

function post(to = channelId, text = "hello"): Promise<Response> {
  const body = JSON.stringify({ events: [{ type: "message", text }] });
  return fetch(`${url}/v1/channels/${to}/webhooks`, { method: "POST", headers, body });
}

const get = (path: string): Promise<Response> => fetch(url + path, { headers });

/** 503 with a time to come back, in words. */
async function expectRefusal(response: Response, words: RegExp): Promise<void> {
  const { message } = (await response.json()) as { message: string };
  expect([response.status, message]).toEqual([503, expect.stringMatching(words)]);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
}

async function expectAllWell(): Promise<void> {
  await eventually("events are accepted again", async () => (await post()).status === 202);
  await eventually("readiness says so", async () => (await get("/readyz")).status === 200);
  await eventually("nothing is told of", async () => {
    return (await listTroubles(database.pool)).length === 0;
  });
}

/** Locks to let go of, whatever comes of a test. */
const held = new Set<() => Promise<void>>();

const deadlock = "40P01";

async function holding(statement: string): Promise<() => Promise<void>> {
  const client = await database.pool.connect();
  // Tables are locked one after the other: a statement of the API that reads both may have the second already.
  for (let isHeld = false; !isHeld; ) {
    await client.query("begin");
    isHeld = await client.query(statement).then(
      () => true,
      async (error: { code?: string }) => {
        await client.query("rollback");
        if (error.code === deadlock) return false;
        client.release();
        throw error;
      },
    );
  }
  const release = async (): Promise<void> => {
    if (!held.delete(release)) return;
    await client.query("rollback");
    client.release();
  };
  held.add(release);
  return release;
}

const fill = (count: number, waited = "0 s") =>
  database.pool.query(
    `with q as (
       insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
       select gen_random_uuid(), $1, 0, now() - $3::interval, 1, '{}' from generate_series(1, $2)
     )
     insert into ready_channels (lane, channel_id, due_at) values (0, $1, now() - $3::interval)
     on conflict (lane, channel_id) do update set due_at = excluded.due_at`,
    [channelId, count, waited],
  );

const refused = async () => (await post()).status === 503;

/** The same call of the bulk intake for each channel: the status of each line. */
async function postBulk(...channelIds: string[]): Promise<{ response: Response; lines: number[] }> {
  const lines = channelIds.map((id) => `{"channelId":"${id}","events":[{"type":"follow"}]}\n`);
  const body = lines.join("");
  const response = await fetch(`${url}/v1/webhooks`, { method: "POST", headers, body });
  const answers = (await response.text()).trim().split("\n");
  return { response, lines: answers.map((line) => JSON.parse(line).status) };
}

const countQueue = () => database.db.queuedWebhook.count();

test("a queue beyond the limit for all takes nothing more in, says why everywhere, and opens by itself", async () => {
  await start({ intakeLimits: { queueMax: 1_000, channelMax: 1_000_000, ageMaxMs: 3_600_000 } });
  await fill(2_000);
  await eventually("nothing more is taken in", refused);
  const before = await countQueue();
  await expectRefusal(await post(), /nothing was accepted/);
  const bulk = await postBulk(channelId, await newChannel());
  expect([bulk.response.status, bulk.response.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await countQueue()).toBe(before);
  const ready = await get("/readyz");
  expect([ready.status, await ready.json()]).toEqual([
    503,
    expect.objectContaining({ reason: "queue_long" }),
  ]);
  expect(await (await get("/metrics")).text()).toContain(
    `tocsin_intake_refuses{reason="queue_long"} 1`,
  );
  await eventually("the console can know", async () => {
    return (await listTroubles(database.pool)).includes("queue_long");
  });
  // What waits goes out.
  await database.pool.query("delete from webhook_queue");
  await database.pool.query("delete from ready_channels");
  await expectAllWell();
});

test.each([
  ["count", "channel_long", { channelMax: 1_000, ageMaxMs: 3_600_000 }, 2_000, "0 s"],
  ["age", "channel_old", { channelMax: 1_000_000, ageMaxMs: 60_000 }, 1, "61 s"],
] as const)(
  "a channel beyond its limit by %s takes nothing more in, and every other channel does",
  async (_by, trouble, limits, count, waited) => {
    await start({ intakeLimits: { queueMax: 1_000_000, ...limits } });
    const other = await newChannel();
    await fill(count, waited);
    await eventually("nothing more is taken in of it", refused);
    const before = await countQueue();
    await expectRefusal(await post(), /of this channel .* nothing was accepted/);
    expect(await countQueue()).toBe(before);
    expect((await post(other)).status).toBe(202);
    const bulk = await postBulk(channelId, other);
    expect([bulk.response.status, bulk.lines]).toEqual([200, [503, 202]]);
    // The product is ready: a balancer would take it away from the others.
    expect((await get("/readyz")).status).toBe(200);
    const figures = await (await get("/metrics")).text();
    expect(figures).toContain(`tocsin_intake_channels_refused{reason="${trouble}"} 1`);
    expect(figures).not.toMatch(/tocsin_intake_refuses\{.*\} 1/);
    await eventually("the console can know", async () => {
      return (await listTroubles(database.pool)).includes(trouble);
    });
    await database.pool.query("delete from webhook_queue");
    await database.pool.query("delete from ready_channels");
    await expectAllWell();
  },
);

test("what was cancelled and has not ended yet keeps nothing new of its channel out", async () => {
  await start({ intakeLimits: { queueMax: 1_000_000, channelMax: 1_000, ageMaxMs: 3_600_000 } });
  await fill(2_000);
  await eventually("nothing more is taken in of it", refused);
  await database.db.channel.update({
    where: { id: channelId },
    data: { firstEpoch: { increment: 1 } },
  });
  await expectAllWell();
  expect(await countQueue()).toBeGreaterThan(2_000);
});

test("tables that are locked: every answer comes all the same, and it ends with the lock", async () => {
  await start({ probeMs: 900 });
  const release = await holding(
    "lock table webhook_queue, ready_channels in access exclusive mode",
  );
  await expectRefusal(await post(), /too busy/);
  await expectRefusal(await get("/readyz"), /./);
  const figures = await get("/metrics");
  expect([figures.status, await figures.text()]).toEqual([
    200,
    expect.stringContaining("tocsin_database_answers 0"),
  ]);
  await release();
  await expectAllWell();
});

test("one channel's turn that is held refuses that channel alone, not those who came with it", async () => {
  const other = await newChannel();
  await start();
  const release = await holding(
    `select from ready_channels where channel_id = '${channelId}' for update`,
  );
  const lines = [channelId, other, channelId, other].map((id) =>
    JSON.stringify({ channelId: id, events: [{ type: "follow" }] }),
  );
  const bulk = await fetch(`${url}/v1/webhooks`, {
    method: "POST",
    headers,
    body: lines.join("\n"),
  });
  const answers = (await bulk.text()).trim().split("\n");
  expect(answers.map((line) => JSON.parse(line).status)).toEqual([503, 202, 503, 202]);
  await release();
  await expectAllWell();
});

test("a network that is gone: every answer comes all the same, and it ends with the network's return", async () => {
  await start({ probeMs: 900 });
  proxy.cut();
  await expectRefusal(await post(), /may or may not have been accepted/);
  expect((await get("/healthz")).status).toBe(200);
  await expectRefusal(await get("/readyz"), /is not responding/);
  const figures = await get("/metrics");
  expect(await figures.text()).toContain("tocsin_database_answers 0");
  const list = await get(`/v1/channels/${channelId}/errors`);
  await expectRefusal(list, /./);
  proxy.mend();
  await expectAllWell();
});

test("files that hang, however many, leave intake and readiness their connections", async () => {
  await start();
  const release = await holding("lock table error_rows, webhook_errors in access exclusive mode");
  const files = Array.from({ length: 8 }, () => get(`/v1/channels/${channelId}/errors.tsv`));
  await eventually("they hang", async () => {
    const { rowCount } = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rowCount !== 0;
  });
  expect((await post()).status).toBe(202);
  expect((await get("/readyz")).status).toBe(200);
  await release();
  await Promise.all(files.map(async (file) => (await file).arrayBuffer()));
});

test("lists and files behind a lock are refused with a time to come back, and files are not broken off", async () => {
  await start();
  const release = await holding("lock table error_rows in access exclusive mode");
  const asked = ["errors", "errors.tsv", "errors.jsonl", "errors.tsv?sort=errors"];
  const answers = await Promise.all(asked.map((path) => get(`/v1/channels/${channelId}/${path}`)));
  for (const answer of answers) await expectRefusal(answer, /database is too busy/);
  await release();
  expect((await get(`/v1/channels/${channelId}/errors.tsv`)).status).toBe(200);
});

test("a database that says its disk is full: refused, said why, tried again without anybody sending", async () => {
  await start();
  await database.pool.query(`
    create function full_disk() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before insert on webhook_queue for each row execute function full_disk()`);
  await expectRefusal(await post(), /no space left, so nothing was accepted/);
  expect((await get("/readyz")).status).toBe(503);
  await eventually("the console can know", async () => {
    return (await listTroubles(database.pool)).includes("disk_full");
  });
  await database.pool.query("drop function full_disk cascade");
  await eventually("readiness comes back by itself", async () => {
    return (await get("/readyz")).status === 200;
  });
  await expectAllWell();
});

// Where file systems may be mounted (as root, outside a narrow container), with one that is really full.
const small = await mountSmall();
if (small === null) {
  process.stderr.write(
    "no file system may be mounted here: a disk that is really full was not tried\n",
  );
} else {
  test("a disk that is full: what was accepted stays, nothing is half written, and room opens it", async () => {
    await start();
    await database.pool.query(`create tablespace small_disk location '${small.place}'`);
    await database.pool.query("alter table webhook_queue set tablespace small_disk");
    let accepted = await database.db.queuedWebhook.count();
    // Random texts: PostgreSQL stores what can be compressed small.
    await eventually("it is full", async () => {
      const text = randomBytes(90_000).toString("base64");
      const { status } = await post(channelId, text);
      if (status === 202) accepted += 1;
      return status === 503;
    });
    await expectRefusal(await post(channelId, randomBytes(90_000).toString("base64")), /no space/);
    await eventually("readiness says so", async () => (await get("/readyz")).status === 503);
    await eventually("the console can know", async () => {
      return (await listTroubles(database.pool)).includes("disk_full");
    });
    expect(await database.db.queuedWebhook.count()).toBe(accepted);
    // What was accepted goes out also without room; then there is some.
    await database.pool.query("delete from webhook_queue");
    await small.enlarge();
    await expectAllWell();
    await database.pool.query("alter table webhook_queue set tablespace pg_default");
    await database.pool.query("drop tablespace small_disk");
  });
  afterAll(small.unmount);
}

type SmallDisk = { place: string; enlarge: () => Promise<void>; unmount: () => Promise<void> };

async function mountSmall(): Promise<SmallDisk | null> {
  const place = await mkdtemp(join(tmpdir(), "tocsin-small-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", place]);
  } catch {
    await rm(place, { recursive: true });
    return null;
  }
  // PostgreSQL runs as nobody where we are root (prisma/throwaway-database.ts).
  const { stdout } = await run("id", ["-u", "nobody"]);
  await chown(place, Number(stdout), (await stat(place)).gid);
  await chmod(place, 0o700);
  return {
    place,
    enlarge: async () => {
      await run("mount", ["-o", "remount,size=64m", place]);
    },
    unmount: async () => {
      // Lazily: PostgreSQL keeps files open for a while.
      await run("umount", ["-l", place]);
      await rm(place, { recursive: true });
    },
  };
}
