import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, test } from "vitest";
import { currentEnv } from "#engine/start/child-env.ts";
import { createRenderDigest } from "#engine/worker/mail/render-digest.ts";
import { createRenderNotification } from "#engine/worker/mail/render-mail.ts";
import type { Database } from "#lib/db.ts";
import type { ReasonCounts } from "#lib/notifications/reason-counts.ts";
import { closingOptions } from "#testing/closing-options.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { type Attempt, simulate } from "#testing/simulated-time.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type Story, stories } from "./stories.ts";
import { type Entry, tableOf, timeOf } from "./table.ts";

const dayMs = 86_400_000;
const windowMs = 300_000;
/** A window settles 15 s after its end, and the simulated engine looks three times a minute. */
const settleMs = 80_000;
const baseUrl = "https://console.example.com";
const page = new URL("../../docs/notifications.md", import.meta.url);
const [begin, end] = ["<!-- ten days: begin -->", "<!-- ten days: end -->"];
let database: Database;
const told: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

type Cast = { channelIds: string[]; names: Map<string, string> };

/** An Admin, the channel's own address where there is one channel, and an alert target. */
async function cast({ channelCount = 1 }: Story): Promise<Cast> {
  const { db } = database;
  const admin = await createUser(db);
  const names = new Map([[admin.email, "Admin"]]);
  const channelIds: string[] = [];
  for (let index = 0; index < channelCount; index += 1) {
    const channel = await createChannel(db, {
      ...{ useWebhook: true, webhookRedelivery: true, errorStatisticsAggregation: true },
      webhookUrl: "https://bot.example.com/webhook",
      ...(channelCount === 1 ? {} : { emailVerifiedAt: null }),
    });
    await createMember(db, channel.id, { userId: admin.id });
    await approveNotification(db, channel.id);
    names.set(channel.email, "channel");
    channelIds.push(channel.id);
  }
  if (channelCount === 1) {
    const place = { channelId: channelIds[0] ?? "", kind: "slack" as const, name: "alert target" };
    await db.alertTarget.create({ data: { ...place, sealedUrl: "", host: "alerts.example.com" } });
  }
  return { channelIds, names };
}

async function play(story: Story, start: Date, { channelIds }: Cast): Promise<Attempt[]> {
  const { traffic, quiet = [], quietCount = 0, hours, deeds } = story;
  const isBusy = (index: number): boolean => index < channelIds.length - quietCount;
  const closing = closingOptions(
    { access: "apply", earlyMs: 20_000 },
    {
      render: createRenderNotification(baseUrl, { limitMs: 3 * dayMs, suspends: false }),
      renderDigest: createRenderDigest(baseUrl),
    },
  );
  return simulate({
    ...{ database, closing, start, hours },
    traffic: new Map(channelIds.map((id, index) => [id, isBusy(index) ? traffic : quiet])),
    ...(deeds === undefined ? {} : { deeds: deeds(database.db, start) }),
  });
}

async function readEntries(start: Date, { channelIds, names }: Cast): Promise<Entry[]> {
  const rows = await database.db.notification.findMany({
    where: { channelId: { in: channelIds } },
    include: {
      notices: { include: { mail: true }, orderBy: { address: "desc" } },
      alerts: { include: { target: true } },
    },
  });
  return rows.map(({ notices, alerts, reasons, ...row }) => ({
    ...row,
    reasons: reasons as ReasonCounts,
    tellings: [
      ...notices.flatMap(({ address, mail }) =>
        mail === null
          ? []
          : {
              who: names.get(address) ?? address,
              at: timeOf(mail.createdAt, start),
              how: mail.kind === "digest" ? "digest" : "mail",
            },
      ),
      ...alerts.map(({ createdAt, target }) => ({
        ...{ who: target.name, at: timeOf(createdAt, start), how: "alert" },
      })),
    ].sort((a, b) => (a.who < b.who ? -1 : 1)),
  }));
}

/** When the Admin was first told that deliveries had ceased at `at`, after it; in milliseconds. */
async function toldAfter(at: Date, { channelIds, names }: Cast): Promise<number[]> {
  const [admin] = [...names.keys()];
  return Promise.all(
    channelIds.map(async (channelId) => {
      const notice = await database.db.notice.findFirst({
        where: {
          ...{ channelId, address: admin ?? "", toldAt: { gt: at }, mailId: { not: null } },
          notification: { toldAs: "ceased", ceasedSince: { gte: new Date(at.getTime() - 60_000) } },
        },
        orderBy: { toldAt: "asc" },
      });
      return (notice?.toldAt?.getTime() ?? Number.POSITIVE_INFINITY) - at.getTime();
    }),
  );
}

test.for([...stories.entries()])(
  "story %#: nothing is lost, and what matters is told in time",
  async ([index, story], { expect }) => {
    const start = new Date(Date.parse("2026-12-01T00:00:00Z") + index * 4 * dayMs);
    const actors = await cast(story);
    const attempts = await play(story, start, actors);
    const entries = await readEntries(start, actors);
    const windows = entries.filter(({ type }) => type === "error_detected");
    const sum = (some: readonly Entry[], of: (entry: Entry) => number): number =>
      some.reduce((total, entry) => total + of(entry), 0);
    const counted = sum(windows, ({ errorCount }) => errorCount);
    const toldCount = sum(
      windows.filter(({ untold }) => untold === null),
      ({ errorCount, heldCount }) => errorCount + heldCount,
    );
    const barred = windows.filter(({ untold }) => untold !== null && untold !== "reminder_pause");
    const barredCount = sum(barred, ({ errorCount }) => errorCount);
    expect(counted).toBe(attempts.filter(({ as }) => as !== "delivered").length);
    for (const at of story.ceases) {
      const [hours = 0, minutes = 0] = at.split(":").map(Number);
      const since = new Date(start.getTime() + (hours * 60 + minutes) * 60_000);
      const delays = await toldAfter(since, actors);
      expect(Math.max(...delays), at).toBeLessThanOrEqual(
        (story.windows ?? 2) * windowMs + settleMs,
      );
    }
    const rest = counted - toldCount - barredCount;
    told.push(
      [
        `### ${index + 1}. ${story.title}`,
        story.text,
        tableOf(entries, attempts, start),
        `Counted: ${counted} errors. Notified: ${toldCount}. Held for the next email: ${rest}.${barredCount === 0 ? "" : ` Without the function: ${barredCount}.`}`,
      ].join("\n\n"),
    );
  },
);

test("docs/notifications.md shows what the ten days came to: run `npm run docs:told`", async ({
  expect,
}) => {
  const block = `${begin}\n\n${told.join("\n\n")}\n\n${end}`;
  const text = await readFile(page, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const wanted = `${before}${block}${rest.split(end)[1] ?? ""}`;
  if (currentEnv().WRITE_DOCS === "1") await writeFile(page, wanted);
  else expect(text).toBe(wanted);
});
