import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openSession } from "#lib/accounts/sessions.ts";
import { AppError } from "#lib/app-error.ts";
import type { Database } from "#lib/db.ts";
import { listen } from "#lib/listener.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createLiveHub, type LiveHub, type LiveViewer, viewsPerUserMax } from "./hub.ts";
import type { LiveTopic } from "./schema.ts";
import { createLiveSignal, liveChannel } from "./signal.ts";
import { stillMay } from "./still-may.ts";
import { streamLive } from "./stream.ts";

let database: Database & { url: string };
let hub: LiveHub;
const listenerName = "tocsin test live";
const deadline = { timeout: 120_000, interval: 20 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => hub.close());
afterAll(() => database.close());

/** A question that is not answered within `checkEveryMs` leaves the hub not knowing who may look: rarely asked, it always is. */
function openHub(checkEveryMs = 60_000): LiveHub {
  hub = createLiveHub({
    listen: (handlers) =>
      listen({ ...handlers, url: database.url, name: listenerName, channels: [liveChannel] }),
    stillMay: (viewers) => stillMay(database.db, viewers),
    readFigures: () => Promise.reject(new Error("nobody follows figures")),
    onFailure: () => undefined,
    checkEveryMs,
  });
  return hub;
}

async function makeViewer(topic: LiveTopic = "errors"): Promise<LiveViewer> {
  const [user, channel] = await Promise.all([createUser(database.db), createChannel(database.db)]);
  await createMember(database.db, channel.id, { userId: user.id, role: "member" });
  const sessionId = await openSession(database.db, user.id, { userAgent: null });
  return { sessionId, userId: user.id, channelId: channel.id, topic, role: "member", view: null };
}

/** Follows a stream as a browser does; `told` grows, `isOver` once it has ended. */
function follow(viewer: LiveViewer) {
  const told: string[] = [];
  const state = { told, isOver: false, leave: () => reader.cancel() };
  const reader = streamLive(hub, viewer).getReader();
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const message = /^event: (\w+)\n/.exec(new TextDecoder().decode(value))?.[1] ?? "?";
      // Beats come in between, on a machine that is slow enough.
      if (message !== "beat") told.push(message);
    }
    state.isOver = true;
  };
  void read();
  return state;
}

async function countListeners(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where application_name = $1 and datname = current_database()",
    [listenerName],
  );
  return rows[0]?.n ?? 0;
}

const tell = async (topic: LiveTopic, channelIds: readonly string[]): Promise<void> => {
  const signal = createLiveSignal(database.pool, (error) => expect.fail(String(error)));
  signal.tell(topic, channelIds);
  await signal.stop();
};

test("many viewers share one listening connection, and each is told of its own channel and topic only", async () => {
  openHub();
  const viewers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => makeViewer(index === 0 ? "deliveries" : "errors")),
  );
  const pages = viewers.map(follow);
  await vi.waitFor(
    () => expect(pages.every((page) => page.told.includes("ready"))).toBe(true),
    deadline,
  );
  expect(await countListeners()).toBe(1);
  const [, second] = viewers;
  await tell("errors", [second?.channelId ?? "", viewers[0]?.channelId ?? ""]);
  await vi.waitFor(() => expect(pages[1]?.told.at(-1)).toBe("change"), deadline);
  expect(pages.filter((page) => page.told.includes("change"))).toHaveLength(1);
});

test("a burst of news is told at once, and once more when it is over", async () => {
  openHub();
  const viewer = await makeViewer();
  const page = follow(viewer);
  await vi.waitFor(() => expect(page.told).toContain("ready"), deadline);
  await Promise.all(Array.from({ length: 20 }, () => tell("errors", [viewer.channelId])));
  const changes = () => page.told.filter((message) => message === "change").length;
  await vi.waitFor(() => expect(changes()).toBeGreaterThanOrEqual(2), deadline);
  expect(changes()).toBeLessThan(20);
});

test("more channels than fit into one notification are all told", async () => {
  openHub();
  const viewer = await makeViewer();
  const page = follow(viewer);
  await vi.waitFor(() => expect(page.told).toContain("ready"), deadline);
  const others = Array.from({ length: 2_000 }, (_, index) => String(1_000_000_000 + index));
  await tell("errors", [...others, viewer.channelId]);
  await vi.waitFor(() => expect(page.told).toContain("change"), deadline);
});

test("a listening connection that breaks is made anew, and viewers are told to look", async () => {
  openHub();
  const viewer = await makeViewer();
  const page = follow(viewer);
  await vi.waitFor(() => expect(page.told.at(-1)).toBe("ready"), deadline);
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1",
    [listenerName],
  );
  await vi.waitFor(
    () => expect(page.told).toEqual(["waiting", "ready", "waiting", "ready"]),
    deadline,
  );
  await tell("errors", [viewer.channelId]);
  await vi.waitFor(() => expect(page.told.at(-1)).toBe("change"), deadline);
  expect(await countListeners()).toBe(1);
});

test("a stream ends when its session is closed, its role is taken away or lowered, or its account disabled", async () => {
  openHub(100);
  const viewers = await Promise.all(Array.from({ length: 5 }, () => makeViewer()));
  const pages = viewers.map(follow);
  const [closed, removed, lowered, disabled] = viewers;
  await database.db.session.deleteMany({ where: { userId: closed?.userId ?? "" } });
  await database.db.channelMember.deleteMany({ where: { userId: removed?.userId ?? "" } });
  await database.db.channelMember.updateMany({
    where: { userId: lowered?.userId ?? "" },
    data: { role: "tester" },
  });
  await database.db.user.update({
    where: { id: disabled?.userId ?? "" },
    data: { disabledAt: new Date() },
  });
  await vi.waitFor(
    () => expect(pages.map((page) => page.isOver)).toEqual([true, true, true, true, false]),
    deadline,
  );
  expect(pages.slice(0, 4).map((page) => page.told.at(-1))).toEqual(Array(4).fill("end"));
});

test("a person has a limited number of pages live at once, and leaving one makes room", async () => {
  openHub();
  const viewer = await makeViewer();
  const pages = Array.from({ length: viewsPerUserMax }, () => follow(viewer));
  expect(() => streamLive(hub, viewer)).toThrow(AppError);
  await pages[0]?.leave();
  const next = follow(viewer);
  await vi.waitFor(() => expect(next.told).toContain("ready"), deadline);
});

test("a console that stops ends every stream without sending people away, and takes no more", async () => {
  openHub();
  const viewer = await makeViewer();
  const page = follow(viewer);
  await vi.waitFor(() => expect(page.told).toContain("ready"), deadline);
  await hub.close();
  await vi.waitFor(() => expect(page.isOver).toBe(true), deadline);
  expect(page.told).not.toContain("end");
  expect(() => streamLive(hub, viewer)).toThrow("being stopped");
  expect(await countListeners()).toBe(0);
});
