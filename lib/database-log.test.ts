import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { createDatabaseLog, gatherOutages, logFailure } from "./database-log.ts";
import { type Log, openLog } from "./log.ts";

type Line = { level: number; msg: string; failed?: Record<string, number>; since?: string };

function openHeard(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { log: openLog("test", "info", to), lines };
}

const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const patience = { timeout: 30_000, interval: 5 };

test("an outage makes one line when it begins, one now and then, and one when it ends, however much fails", async () => {
  const { log, lines } = openHeard();
  let isBack = false;
  const outages = createDatabaseLog({
    log,
    probe: async () => {
      if (!isBack) throw refused;
    },
    askEveryMs: 5,
    quietMs: 1,
    summaryMs: 40,
  });
  expect(outages.isAway()).toBe(false);
  for (let times = 0; times < 500; times += 1) outages.note(refused, "claiming");
  outages.note(refused, "closing windows");
  expect(lines.map(({ msg }) => msg)).toEqual(["the database is away"]);
  expect(outages.isAway()).toBe(true);
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(2), patience);
  isBack = true;
  await vi.waitFor(() => expect(outages.isAway()).toBe(false), patience);
  const [first, ...rest] = lines;
  expect(new Set(rest.slice(0, -1).map(({ msg }) => msg))).toEqual(
    new Set(["the database is still away"]),
  );
  expect(rest.at(-1)).toMatchObject({
    msg: "the database is back",
    since: first?.since,
    failed: { claiming: 500, "closing windows": 1 },
  });
});

test("a database that answers while work still fails is not back", async () => {
  const { log, lines } = openHeard();
  let asked = 0;
  const outages = createDatabaseLog({
    log,
    probe: async () => {
      asked += 1;
      outages.note(refused, "writing to a full disk");
    },
    askEveryMs: 1,
    quietMs: 1_000,
  });
  outages.note(refused, "writing to a full disk");
  await vi.waitFor(() => expect(asked).toBeGreaterThan(20), patience);
  expect(lines.map(({ msg }) => msg)).toEqual(["the database is away"]);
});

test("whatever else fails has its own line, as has everything where nobody gathers", () => {
  const { log, lines } = openHeard();
  logFailure(log, refused, "claiming", { level: "warn", size: 2 });
  gatherOutages(log, { query: () => new Promise(() => undefined) });
  logFailure(log, new Error("a defect"), "claiming");
  logFailure(log, refused, "claiming");
  logFailure(log, refused, "claiming");
  expect(lines).toMatchObject([
    { level: 40, msg: "claiming", size: 2, err: { message: "connect ECONNREFUSED" } },
    { level: 50, msg: "claiming", err: { message: "a defect" } },
    { level: 50, msg: "the database is away", what: "claiming" },
  ]);
});
