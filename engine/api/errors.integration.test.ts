import { randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { hashToken } from "#lib/tokens/token-hash.ts";
import { createBelievableErrors, createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
let app: FastifyInstance;
let url: string;
let channelId: string;
const now = new Date("2026-11-22T10:41:30Z");
const from = new Date("2026-11-15T00:00:00Z");
const to = new Date("2026-11-22T10:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
  app = createTestApi(database, { now: () => now });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  const range = { errorStatisticsAggregation: true, createdAt: from };
  channelId = (await createChannel(database.db, range)).id;
  await createBelievableErrors(database.pool, { channelId, from, to, count: 3_000 });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

/** A key of its own for each test: files are limited per key. */
async function makeKey(): Promise<string> {
  const key = `tpk_${randomBytes(32).toString("base64url")}`;
  await database.db.platformKey.create({
    data: { name: "warehouse", hint: "tpk_", keyHash: hashToken(key) },
  });
  return key;
}

async function get(path: string, key?: string): Promise<Response> {
  return fetch(`${url}/v1/channels/${path}`, {
    headers: { authorization: `Bearer ${key ?? (await makeKey())}` },
  });
}

type Line = { startedAt: string; reason: string; detail: string; errors: number };
type Page = { from: string; to: string; errors: Line[]; next?: string };

async function walk(query: string): Promise<Line[]> {
  const key = await makeKey();
  const lines: Line[] = [];
  let cursor = "";
  do {
    const response = await get(`${channelId}/errors?${query}${cursor}`, key);
    expect(response.status).toBe(200);
    const page = (await response.json()) as Page;
    lines.push(...page.errors);
    cursor = page.next === undefined ? "" : `&cursor=${page.next}`;
  } while (cursor !== "");
  return lines;
}

const whole = "from=2026-11-15T00:00Z&to=2026-11-22T19:00%2B09:00";

test.each(["", "&sort=errors&order=asc", "&reason=request_timeout", "&status=5xx&attempt=first"])(
  "pages by cursor hold each row of the file once, in its order: %s",
  async (filter) => {
    const lines = await walk(`${whole}${filter}&limit=97`);
    const file = await (await get(`${channelId}/errors.jsonl?${whole}${filter}`)).text();
    expect(lines.length).toBeGreaterThan(97);
    expect(
      file
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(lines);
  },
);

test("each row says its likely causes, the most frequent first, in the list and in its file alike", async () => {
  const mixed = await createChannel(database.db, {
    errorStatisticsAggregation: true,
    createdAt: from,
  });
  const failed = { reason: "error_status_code", detail: "500", statusCode: 500 } as const;
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 9, 0, seconds));
  await createErrors(database.pool, mixed.id, [
    makeError({ ...failed, occurredAt: at(0), likelyCause: "handler_fails_sometimes" }),
    makeError({ ...failed, occurredAt: at(1), likelyCause: "signature_breaks_handler" }),
    makeError({
      ...failed,
      occurredAt: at(2),
      likelyCause: "signature_breaks_handler",
      attempt: 2,
    }),
    makeError({ ...failed, occurredAt: at(3), likelyCause: null }),
    // Another row of the minute, from before causes were kept, and the same row a minute later.
    makeError({ occurredAt: at(4) }),
    makeError({ ...failed, occurredAt: at(60), likelyCause: "maintenance" }),
  ]);
  const ask = async (more: string) =>
    (
      (await (await get(`${mixed.id}/errors?${whole}&order=asc${more}`)).json()) as {
        errors: object[];
      }
    ).errors;
  const rows = await ask("");
  expect(rows).toMatchObject([
    {
      detail: "500",
      errors: 4,
      likelyCause: "signature_breaks_handler",
      likelyCauses: [
        { cause: "signature_breaks_handler", count: 2 },
        { cause: "handler_fails_sometimes", count: 1 },
      ],
    },
    { detail: "Connection failed", errors: 1, likelyCause: null, likelyCauses: [] },
    { detail: "500", errors: 1, likelyCause: "maintenance" },
  ]);
  const file = await (await get(`${mixed.id}/errors.jsonl?${whole}&order=asc`)).text();
  expect(
    file
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(rows);
  expect((await ask("&attempt=redelivery"))[0]).toMatchObject({
    likelyCauses: [{ cause: "signature_breaks_handler", count: 1 }],
  });
});

test("the list says which range it is of", async () => {
  const page = (await (await get(`${channelId}/errors?limit=1`)).json()) as Page;
  expect(page).toMatchObject({ from: "2026-11-21T10:30:00.000Z", to: "2026-11-22T10:42:00.000Z" });
});

test.each([
  ["tsv", "text/tab-separated-values; charset=utf-8"],
  ["csv", "text/csv; charset=utf-8; header=present"],
  ["jsonl", "application/x-ndjson; charset=utf-8"],
])("a file of %s has its type, its name, and an entry in the audit log", async (format, type) => {
  const response = await get(`${channelId}/errors.${format}?range=7d&timezone=UTC&attempt=first`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
  expect(response.headers.get("content-disposition")).toContain(`errors-${channelId}-2026`);
  expect((await response.text()).length).toBeGreaterThan(10_000);
  const entry = await database.db.auditEntry.findFirst({ orderBy: { id: "desc" } });
  expect(entry).toMatchObject({ action: "errors_exported", actorName: "warehouse", channelId });
  expect(entry?.after).toEqual({
    ...{ format, attempt: "first" },
    ...{ from: expect.any(String), to: expect.any(String) },
  });
});

test.each([
  ["errors?reason=bad", ["reason"]],
  ["errors?from=2026-11-15T00:00Z", ["to"]],
  ["errors?from=2026-11-16T00:00Z&to=2026-11-15T00:00Z", ["to"]],
  ["errors?from=yesterday&to=today", ["from", "to"]],
  ["errors?from=2026-02-31T00:00Z&to=9999-01-01T00:00Z", ["to"]],
  ["errors?range=1h&from=2026-11-15T00:00Z&to=2026-11-16T00:00Z", ["range"]],
  ["errors?limit=0", ["limit"]],
  ["errors?limit=501", ["limit"]],
  ["errors?cursor=%00", ["cursor"]],
  ["errors?status=6xx", ["status"]],
  ["errors?detail=%0a", ["detail"]],
  ["errors?reson=request_timeout", ["reson"]],
  ["errors?reason=unclassified&reason=unclassified", ["reason"]],
  ["errors.tsv?timezone=Mars", ["timezone"]],
  ["errors.tsv?cursor=x", ["cursor"]],
])("%s is refused in LINE's shape, by name", async (path, properties) => {
  const response = await get(`${channelId}/${path}`);
  const body = (await response.json()) as { message: string; details: { property: string }[] };
  expect([response.status, body.message]).toEqual([400, "The query has errors"]);
  expect(body.details.map((detail) => detail.property)).toEqual(properties);
});

test("without a key, and for an unknown channel, it says so", async () => {
  expect((await get(`${channelId}/errors`, "tpk_wrong")).status).toBe(401);
  for (const face of ["errors", "errors.tsv"]) {
    expect((await get(`1000000000/${face}`)).status).toBe(404);
    expect((await get(`%00/${face}`)).status).toBe(404);
  }
});

test("what was counted is answered while errors are no longer counted, with since when", async () => {
  const { db, pool } = database;
  const { id } = await createChannel(db, { errorStatisticsAggregation: true, createdAt: from });
  await createErrors(pool, id, [makeError({ occurredAt: new Date(now.getTime() - 120_000) })]);
  const read = async () => (await get(`${id}/errors`)).json();
  expect(await read()).toMatchObject({ isCounted: true, notCountedSince: null });
  await turnSwitch(db, testActor, id, "errorStatisticsAggregation", false);
  const period = await db.countingPeriod.findFirstOrThrow({ where: { channelId: id } });
  expect(await read()).toMatchObject({
    ...{ isCounted: false, notCountedSince: period.endedAt?.toISOString() },
    errors: [{ errors: 1 }],
  });
  expect((await (await get(`${id}/errors.tsv`)).text()).trim().split("\n")).toHaveLength(2);
  const never = await createChannel(db, { errorStatisticsAggregation: false });
  expect(await (await get(`${never.id}/errors`)).json()).toMatchObject({
    ...{ isCounted: false, notCountedSince: null, errors: [] },
  });
});

test("a key that takes out file after file is told when to come back", async () => {
  const key = await makeKey();
  const statuses = new Set<number>();
  let last: Response;
  do {
    last = await get(`${channelId}/errors.tsv?range=1h`, key);
    await last.text();
    statuses.add(last.status);
  } while (last.status === 200);
  expect([...statuses]).toEqual([200, 429]);
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await get(`${channelId}/errors.tsv?range=1h`)).status).toBe(200);
});

/** A channel whose file is larger than all buffers between the database and a client. */
async function makeLargeChannel(): Promise<string> {
  const { id } = await createChannel(database.db, { errorStatisticsAggregation: true });
  await database.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, 2, 1, minute, minute
       from generate_series('2026-11-15'::timestamptz, '2026-11-21', interval '1 minute') as minute, generate_series(500, 540) as code`,
    [id],
  );
  return id;
}

/** The answer to a request for a file, with its first bytes come and nothing read beyond them. */
async function beginFile(path: string): Promise<IncomingMessage> {
  const key = await makeKey();
  return new Promise((settle, refuse) => {
    const call = request(`${url}/v1/channels/${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    call.once("error", refuse);
    call.once("response", (response) => {
      response.once("readable", () => settle(response));
    });
    call.end();
  });
}

test("a client that goes away in the middle of a file frees the database", async () => {
  const response = await beginFile(`${await makeLargeChannel()}/errors.tsv?range=30d`);
  response.destroy();
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool.query(
        "select query from pg_stat_activity where datname = current_database() and query ilike 'copy %' and state = 'active'",
      );
      expect(rows).toEqual([]);
      expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
    },
    { timeout: 120_000, interval: 50 },
  );
});

test("a file that breaks off does not look whole", async () => {
  const response = await beginFile(`${await makeLargeChannel()}/errors.tsv?range=30d`);
  await vi.waitFor(
    async () => {
      const { rowCount } = await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query like 'copy %'`,
      );
      expect(rowCount).toBe(1);
    },
    { timeout: 60_000, interval: 50 },
  );
  response.resume();
  const ended = new Promise<string>((settle) => {
    response.once("end", () => settle("whole"));
    response.once("error", () => settle("broken off"));
  });
  expect([await ended, response.complete]).toEqual(["broken off", false]);
});

test("lists that one key asks for by the dozen are refused past a few, and nothing else waits for them", async () => {
  const key = await makeKey();
  const held = await database.pool.connect();
  await held.query("begin");
  await held.query("lock table error_rows in access exclusive mode");
  const asked = Array.from({ length: 30 }, () => get(`${channelId}/errors?${whole}`, key));
  let refusedCount = 0;
  for (const answer of asked) {
    void answer.then(({ status }) => {
      if (status === 503) refusedCount += 1;
    });
  }
  await vi.waitFor(() => expect(refusedCount).toBe(20), { timeout: 60_000 });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await get("1/errors")).status).toBe(404);
  await held.query("rollback");
  held.release();
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(answers.find(({ status }) => status === 503)?.headers.get("retry-after")).toBe("5");
});
