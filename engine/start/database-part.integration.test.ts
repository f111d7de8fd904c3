import { chmod, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DatabasePart, type DatabasePartOptions, runDatabase } from "./database-part.ts";

let home: string;
let dataDir: string;
let said: string[];
let parts: DatabasePart[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-part-"));
  await chmod(home, 0o711);
  dataDir = join(home, "data");
  said = [];
  parts = [];
});
afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

async function run(further: Partial<DatabasePartOptions> = {}): Promise<DatabasePart> {
  const part = await runDatabase({
    dataDir,
    port: 0,
    accountName: "nobody",
    shelterDir: join(home, "shelter"),
    settings: ["shared_buffers=16MB"],
    say: (line) => said.push(line),
    rule: { pausesMs: [10, 20], endsMax: 3, withinMs: 600_000 },
    ...further,
  });
  parts.push(part);
  return part;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const patience = { timeout: 120_000, interval: 50 };
const killed = (part: DatabasePart): void => {
  process.kill(part.pid() ?? 0, "SIGKILL");
};
const isBack = (part: DatabasePart, before: number | undefined): Promise<void> =>
  vi.waitFor(() => {
    expect(part.pid()).toBeDefined();
    expect(part.pid()).not.toBe(before);
  }, patience);

test("a server that is killed is started again under the same URL, its end is said, and nothing committed is lost", async () => {
  const part = await run();
  await ask(part.url, "create table kept as select 42 as answer");
  for (let times = 1; times <= 2; times += 1) {
    const before = part.pid();
    killed(part);
    await isBack(part, before);
    expect(await ask(part.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    expect(said.filter((line) => line.includes("stopped unexpectedly (SIGKILL)"))).toHaveLength(
      times,
    );
    expect(said.filter((line) => line.includes("accepts connections again"))).toHaveLength(times);
  }
});

test("when it cannot be started any more the pauses grow, and after so many tries it is given up with its last words", async () => {
  const part = await run();
  await rename(join(dataDir, "postgres/global"), join(home, "global"));
  killed(part);
  const why = await part.failed;
  expect(said.map((line) => /Starting it again in (.*)/.exec(line)?.[1])).toEqual([
    "0.01 s (1 of 3)",
    "0.02 s (2 of 3)",
  ]);
  expect(why).toMatch(/could not .*"?global/);
  expect(why).toContain("stopped or failed to start 3 times within 10 minutes");
  await rename(join(home, "global"), join(dataDir, "postgres/global"));
});

test("ends that lie further apart than the rule says do not add up", async () => {
  const part = await run({ rule: { pausesMs: [10], endsMax: 2, withinMs: 0 } });
  for (let times = 0; times < 3; times += 1) {
    const before = part.pid();
    killed(part);
    await isBack(part, before);
  }
  expect(await ask(part.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a stop while it waits or starts again leaves no server behind, and is no failure", async () => {
  const part = await run({ rule: { pausesMs: [0], endsMax: 9, withinMs: 600_000 } });
  killed(part);
  await vi.waitFor(() => expect(said).toHaveLength(1), patience);
  await part.stop();
  const words = await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8").catch(
    () => "gone",
  );
  expect(words).toBe("gone");
  expect(await Promise.race([part.failed, "no failure"])).toBe("no failure");
});
