// npm run bench:page [-- --errors 1000000 --rounds 5 --languages en,ja --turns 15 --only lighthouse|channels]
// Lighthouse on Statistics > Errors with this many stored errors, on Deliveries and on the home page, signed in, on a desktop screen; what
// the script of the Errors page weighs; and the pages of a person with 10^5 channels beside those of a person with 100. The last line has
// all figures: the points are medians of the rounds, and of the pages the lowest.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium } from "@playwright/test";
import { fillLog } from "#bench/log/data.ts";
import { machine } from "#bench/support/figures.ts";
import { installPeers } from "#bench/support/peers.ts";
import { startBenchProduct } from "#bench/support/product.ts";
import { findBrowser } from "#e2e/support/browser.ts";
import { weighFirstLoad } from "#e2e/support/first-load.ts";
import { openDatabase } from "#lib/db.ts";
import { locales } from "#lib/messages/locales.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { localeCookie } from "#lib/web/cookies.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { measureChannels } from "./channels.ts";
import { measurePoints } from "./lighthouse.ts";
import { signInTo } from "./sign-in.ts";

const { values } = parseArgs({
  options: {
    errors: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "5" },
    languages: { type: "string", default: "en" },
    turns: { type: "string", default: "15" },
    only: { type: "string" },
  },
});
const [port, debugPort] = [3410, 3419];
const password = "correct horse battery";
const origin = `http://localhost:${port}`;
/** Webhooks in the log of the channel. */
const logCount = 20_000;

console.log(machine());
const isAsked = (part: "lighthouse" | "channels") => (values.only ?? part) === part;
if (isAsked("lighthouse")) await installPeers(["lighthouse"]);
const { product, dataDir, shelterDir } = await startBenchProduct({ name: "page", port });
try {
  await measure();
} finally {
  await product.stop();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  await rm(shelterDir, { recursive: true, force: true, maxRetries: 10 });
}

async function measure(): Promise<void> {
  const browser = await chromium.launchPersistentContext(join(dataDir, "browser"), {
    ...(await findBrowser()),
    baseURL: `http://localhost:${port}`,
    args: [`--remote-debugging-port=${debugPort}`, "--disable-gpu", "--no-first-run"],
  });
  try {
    const points = isAsked("lighthouse") ? await measureFirstViews(browser) : {};
    const ratios = isAsked("channels") ? await measureLists(browser) : {};
    console.log(JSON.stringify({ ...points, ...ratios }));
  } finally {
    await browser.close();
  }
}

async function measureFirstViews(browser: BrowserContext): Promise<object> {
  const { email, channelId } = await fill();
  const page = await signInTo(browser, { email, password });
  const root = `${origin}/console/channel/${channelId}/statistics`;
  const errors = `${root}/errors?range=30d`;
  await page.goto(errors);
  await page.getByRole("table", { name: "Errors", exact: true }).waitFor();
  const cookie = (await browser.cookies()).map((one) => `${one.name}=${one.value}`).join("; ");
  const errorsPageKbGzip = await weighFirstLoad(errors, { headers: { cookie } });
  const points: Awaited<ReturnType<typeof measurePoints>>[] = [];
  for (const language of locales.filter((one) => values.languages.split(",").includes(one))) {
    await browser.addCookies([{ name: localeCookie, value: language, url: origin }]);
    const named = (name: string) => `${name}, ${language}`;
    points.push(
      await measurePoints(browser, {
        debugPort,
        rounds: Number(values.rounds),
        pages: {
          [named("errors")]: errors,
          [named("deliveries")]: `${root}/deliveries?range=30d`,
          [named("home")]: `${origin}/console`,
        },
      }),
    );
  }
  await browser.clearCookies();
  const lowest = (name: keyof (typeof points)[number]) =>
    Math.min(...points.map((one) => one[name]));
  return {
    performance: lowest("performance"),
    accessibility: lowest("accessibility"),
    bestPractices: lowest("bestPractices"),
    errorsPageKbGzip,
  };
}

async function measureLists(browser: BrowserContext): Promise<object> {
  const database = openDatabase(product.databaseUrl);
  try {
    return await measureChannels(browser, database, origin, Number(values.turns));
  } finally {
    await database.close();
  }
}

/** A channel with all the errors and a log, and an Admin of it. */
async function fill(): Promise<{ email: string; channelId: string }> {
  const database = openDatabase(product.databaseUrl);
  const { db, pool } = database;
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(now.getTime() - 30 * 86_400_000);
  await makePartitions(pool, { from, to: now });
  const user = await createUser(db, { password });
  const { id } = await createChannel(db, {
    name: "Harbour desk",
    errorStatisticsAggregation: true,
    createdAt: from,
  });
  await createMember(db, id, { userId: user.id });
  await createBelievableErrors(pool, {
    channelId: id,
    from,
    to: now,
    count: Number(values.errors),
  });
  await pool.query(
    `insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
     values ($1, now() - interval '1 hour', now() - interval '1 hour', now(), 9, 'error_status_code', '503')`,
    [id],
  );
  await fillLog(database, { channelId: id, from, count: logCount, eventFrom: from });
  await pool.query("vacuum analyze");
  await database.close();
  return { email: user.email, channelId: id };
}
