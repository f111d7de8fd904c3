import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import type { Database } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// A real API process with a small heap: what does not fit ends it. Started, it takes about 85 MB of it; each body below would
// take more than the rest if it cost by its lines or its events.

const mebibyte = 1_048_576;
let database: Database & { url: string };
let engine: EngineProcess;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  key = (await createPlatformKey(database.db, testActor, { name: "large bodies" })).key;
  engine = await startEngineProcess({
    databaseUrl: database.url,
    role: "api",
    env: { NODE_OPTIONS: "--max-old-space-size=192", LOG_LEVEL: "warn" },
  });
});
afterAll(async () => {
  await engine.kill();
  await database.close();
});

/** The most memory the process has had so far, in bytes; 0 where the system does not tell. */
async function peakBytes(): Promise<number> {
  const status = await readFile(`/proc/${engine.pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}

/** Asks again as long as it is told to: beside four such bodies a busy machine may find its own database slow. */
async function post(path: string, type: string, body: Buffer) {
  for (;;) {
    const answer = await postOnce(path, type, body);
    if (answer.status !== 503) return answer;
    await pause(500);
  }
}

const postOnce = (path: string, type: string, body: Buffer) =>
  fetch(engine.apiUrl + path, {
    method: "POST",
    body: new Uint8Array(body),
    headers: { authorization: `Bearer ${key}`, "content-type": type },
  }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    // Who is still sending may see nothing but the end of the connection.
    () => ({ status: "broken off", text: "" }),
  );

/** Sends four at once; the process lives, answers others meanwhile, and has not taken much more memory than the bodies. */
async function sendFour(path: string, type: string, body: Buffer) {
  const before = await peakBytes();
  let isOver = false;
  const health = (async () => {
    const statuses = new Set<number>();
    do {
      statuses.add((await fetch(`${engine.apiUrl}/healthz`)).status);
    } while (!isOver);
    return [...statuses];
  })();
  const answers = await Promise.all([1, 2, 3, 4].map(() => post(path, type, body)));
  isOver = true;
  expect(await health).toEqual([200]);
  expect((await peakBytes()) - before).toBeLessThan(4 * 3 * 16 * mebibyte);
  return answers;
}

describe("bodies as large as the bulk intake takes", () => {
  test.each([
    ["lines of two bytes", Buffer.from("1\n")],
    ["blank lines", Buffer.from("\r\n")],
    ["lines of an empty object", Buffer.from("{}\n")],
  ])("of %s are refused and cost little", async (_, line) => {
    const body = Buffer.alloc(16 * mebibyte, line);
    for (const { status } of await sendFour("/v1/webhooks", "application/x-ndjson", body)) {
      expect(status).toBe(400);
    }
  });

  test("of a thousand lines with as many events as fit are answered line by line", async () => {
    const { id } = await createChannel(database.db, { useWebhook: false });
    const start = `{"channelId":"${id}","events":[`;
    const fit = Math.floor((16 * mebibyte) / 1_000 - start.length - 4);
    const line = `${start}${"1,".repeat(fit / 2 - 1)}1]}\n`;
    const body = Buffer.from(line.repeat(1_000));
    for (const { status, text } of await sendFour("/v1/webhooks", "application/x-ndjson", body)) {
      expect(status).toBe(200);
      expect(text.trim().split("\n")).toHaveLength(1_000);
    }
  });
});

test.each([
  ["one webhook", (id: string) => `/v1/channels/${id}/webhooks`],
  ["a new provider", () => "/v1/providers"],
  ["a new channel", () => "/v1/channels"],
])("a body of 16 MiB for %s is refused before it is read", async (_, pathOf) => {
  const { id } = await createChannel(database.db);
  const body = Buffer.alloc(16 * mebibyte, "[");
  const answers = await sendFour(pathOf(id), "application/json", body);
  for (const { status } of answers) expect([413, "broken off"]).toContain(status);
});
