import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openSession } from "#lib/accounts/sessions.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Database } from "#lib/db.ts";
import { listen } from "#lib/listener.ts";
import { createLiveHub, type LiveHub, type LiveViewer } from "#lib/live/hub.ts";
import { figuresMake } from "#lib/live/schema.ts";
import { createLiveSignal, liveChannel } from "#lib/live/signal.ts";
import { stillMay } from "#lib/live/still-may.ts";
import { streamLive } from "#lib/live/stream.ts";
import { fromWire } from "#lib/live/wire.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { defaultFilter } from "#lib/webhook-errors/filter.ts";
import { listChanges } from "#lib/webhook-errors/list-changes.ts";
import { testPolicy } from "#testing/closing-options.ts";
import { actorOf, createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, failAll } from "#testing/test-webhooks.ts";
import {
  composeFigures,
  type ReadFigures,
  readBeside,
  readGrown,
  resolveView,
} from "./errors-figures.ts";
import { readLiveFigures } from "./live-figures.ts";

type Told = ReadFigures & { rowCount: number | null; around: string };

let database: Database & { url: string };
let hub: LiveHub;
let readings = 0;
const deadline = { timeout: 120_000, interval: 20 };
const retentionDays = 400;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => hub?.close());
afterAll(() => database.close());

const sources = () => ({
  database,
  read: <T>(ask: (db: Database["db"]) => Promise<T>) => ask(database.db),
  retentionDays,
  notificationPolicy: testPolicy,
  failingPolicy: { limitMs: 86_400_000, suspends: false },
});

/** One that asks who may look only when figures are sent. */
function openHub(): void {
  readings = 0;
  hub = createLiveHub({
    listen: (handlers) =>
      listen({ ...handlers, url: database.url, name: "figures", channels: [liveChannel] }),
    stillMay: (viewers) => stillMay(database.db, viewers),
    readFigures: ({ channelId, view }) => {
      readings += 1;
      return readLiveFigures(sources(), { channelId, ...view });
    },
    onFailure: (error) => expect.fail(String(error)),
    checkEveryMs: 60_000,
  });
}

const view = { filter: defaultFilter, timeZone: "Asia/Tokyo" };

async function makeChannel(): Promise<string> {
  const webhookUrl = "https://bot.example.com/";
  const on = { errorStatisticsAggregation: true, useWebhook: true, webhookUrl };
  return (await createChannel(database.db, on)).id;
}

async function makeViewer(channelId: string, role: ChannelRole = "member"): Promise<LiveViewer> {
  const user = await createUser(database.db);
  await createMember(database.db, channelId, { userId: user.id, role });
  const sessionId = await openSession(database.db, user.id, { userAgent: null });
  return { sessionId, userId: user.id, channelId, topic: "errors", role, view };
}

/** Follows a stream as a page does: what was told, and the figures among it. */
function follow(viewer: LiveViewer) {
  const state = { told: [] as string[], figures: [] as Told[], isOver: false };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of streamLive(hub, viewer)) {
      const [, event = "?", data = ""] =
        /^event: (\w+)\ndata: (.*)\n\n$/.exec(decoder.decode(bytes)) ?? [];
      if (event !== "beat") state.told.push(event);
      if (event === "figures") state.figures.push(fromWire<{ figures: Told }>(data).figures);
    }
    state.isOver = true;
  };
  void read();
  return state;
}

async function fail(channelId: string, count = 1): Promise<void> {
  await acceptSome(database.pool, channelId, count);
  await failAll(database.pool, await claimSome(database.pool));
}

async function tell(channelId: string): Promise<void> {
  const signal = createLiveSignal(database.pool, (error) => expect.fail(String(error)));
  signal.tell("errors", [channelId]);
  await signal.stop();
}

const countsOf = (page: { figures: Told[] }) => page.figures.map((one) => one.summary.errorCount);
const waitForCount = (page: { figures: Told[] }, count: number) =>
  vi.waitFor(() => expect(countsOf(page).at(-1)).toBe(count), deadline);

test("a new error is read once and reaches everyone who looks; whoever lost the role in between gets nothing more", async () => {
  openHub();
  const channelId = await makeChannel();
  const viewers = await Promise.all(Array.from({ length: 20 }, () => makeViewer(channelId)));
  const pages = viewers.map(follow);
  await Promise.all(pages.map((page) => waitForCount(page, 0)));
  const before = readings;
  await database.db.channelMember.deleteMany({
    where: { channelId, userId: viewers[0]?.userId ?? "" },
  });
  await fail(channelId);
  await tell(channelId);
  const [removed, ...others] = pages;
  await Promise.all(others.map((page) => waitForCount(page, 1)));
  await vi.waitFor(() => expect(removed?.isOver).toBe(true), deadline);
  expect(removed?.told.at(-1)).toBe("end");
  expect(countsOf({ figures: removed?.figures ?? [] })).not.toContain(1);
  // Once, but for a minute that passed meanwhile: not once for each of them.
  expect(readings - before).toBeLessThan(5);
  expect(others.flatMap(({ told }) => told)).not.toContain("change");
});

test("while errors keep coming, nobody gets older figures after newer ones, and the last are whole", async () => {
  openHub();
  const channelId = await makeChannel();
  const viewers = await Promise.all(Array.from({ length: 3 }, () => makeViewer(channelId)));
  const pages = viewers.map(follow);
  await Promise.all(pages.map((page) => waitForCount(page, 0)));
  const some = async (): Promise<void> => {
    for (let n = 0; n < 10; n += 1) {
      await fail(channelId, 2);
      await tell(channelId);
    }
  };
  await Promise.all([some(), some()]);
  await Promise.all(pages.map((page) => waitForCount(page, 40)));
  for (const { figures } of pages) {
    const counts = countsOf({ figures });
    const times = figures.map(({ asOf }) => asOf.getTime());
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test("who changed the URL is told to Admins only, by the role that is held when figures are sent", async () => {
  openHub();
  const channelId = await makeChannel();
  const { db } = database;
  const author = await createUser(db, { name: "Ada Author" });
  await recordAudit(db, {
    actor: actorOf(author),
    action: "webhook_url_set",
    channelId,
    before: {},
    after: { webhookUrl: "https://secret.example.com/" },
  });
  const [admin, member, lowered] = await Promise.all(
    (["admin", "member", "admin"] as const).map((role) => makeViewer(channelId, role)),
  );
  if (admin === undefined || member === undefined || lowered === undefined) throw new Error();
  const pages = [admin, member, lowered].map(follow);
  await Promise.all(pages.map((page) => waitForCount(page, 0)));
  const authorsOf = () => pages.map(({ figures }) => figures.at(-1)?.changes.map(({ by }) => by));
  expect(authorsOf()).toEqual([["Ada Author"], [null], ["Ada Author"]]);
  await db.channelMember.updateMany({
    where: { channelId, userId: lowered.userId },
    data: { role: "member" },
  });
  await fail(channelId);
  await tell(channelId);
  await Promise.all(pages.map((page) => waitForCount(page, 1)));
  expect(authorsOf()).toEqual([["Ada Author"], [null], [null]]);
  expect(JSON.stringify(pages[1]?.figures)).not.toContain("secret.example.com");
  expect(JSON.stringify(pages[2]?.figures.at(-1))).not.toContain("secret.example.com");
  // The rest of the page was made for an Admin.
  expect(pages.map(({ told }) => told.includes("change"))).toEqual([false, false, true]);
  const now = await databaseTime(db);
  const range = { from: new Date(now.getTime() - 3_600_000), to: new Date(now.getTime() + 60_000) };
  const hidden = await listChanges(db, channelId, range, { seesLog: false });
  expect(pages[1]?.figures.at(-1)?.changes).toEqual(hidden.changes);
});

test("what is sent is what a page shows", async () => {
  const channelId = await makeChannel();
  await fail(channelId, 3);
  const figures = await readLiveFigures(sources(), { channelId, ...view });
  const { rowCount, around, ...sent } = fromWire<Told>(figures("admin"));
  const now = sent.asOf;
  const resolved = resolveView({ channelId, ...view }, { now, retentionDays });
  const read = await readGrown(database.db, database, { channelId, ...view }, resolved.range);
  const beside = await readBeside(database, channelId, resolved.range, {
    policy: testPolicy,
    seesLog: true,
  });
  const shown = composeFigures({
    ...{ now, notCountedSince: null, view: resolved, grown: read.figures, beside },
  });
  expect(sent).toEqual(shown);
  expect(rowCount).toBe(await read.rowCount);
  expect(around).toContain("some_errors");
  // Another shape: raise `figuresMake` in lib/live/schema.ts, so that pages loaded before an upgrade are not sent it.
  expect([figuresMake, Object.keys(sent).sort()]).toEqual([
    "1",
    [
      ...["asOf", "changes", "chart", "hasOffsets", "isCut", "notCountedSince", "page"],
      ...["problems", "range", "standing", "summary"],
    ],
  ]);
});
