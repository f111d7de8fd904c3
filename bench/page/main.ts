// npm run bench:page [-- --errors 1000000 --rounds 3 --turns 15 --only lighthouse|channels]
// Lighthouse on Statistics > Errors with this many stored errors, signed in, on a desktop screen; and the pages of a person with 10^5
// channels beside those of a person with 100. The last line has all figures.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium } from "@playwright/test";
import { machine, median, printTable } from "#bench/support/figures.ts";
import { installPeers, loadPeer } from "#bench/support/peers.ts";
import { findBrowser } from "#e2e/support/browser.ts";
import { signIn } from "#e2e/support/page-checks.ts";
import { startProduct } from "#engine/start/product.ts";
import { openDatabase } from "#lib/db.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { measureChannels } from "./channels.ts";

const { values } = parseArgs({
  options: {
    errors: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    turns: { type: "string", default: "15" },
    only: { type: "string" },
  },
});
const [port, debugPort] = [3410, 3419];
const password = "correct horse battery";
const categories = ["performance", "accessibility", "best-practices", "seo"] as const;
type Scores = Record<(typeof categories)[number], number>;

console.log(machine());
const isAsked = (part: "lighthouse" | "channels") => (values.only ?? part) === part;
if (isAsked("lighthouse")) await installPeers(["lighthouse"]);
const base = join(import.meta.dirname, "../../.data/bench-page");
await mkdir(base, { recursive: true });
const dataDir = await mkdtemp(join(base, "run-"));
// Outside, because as root in a folder that only root may enter PostgreSQL's account reaches nothing in here.
const shelterDir = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const product = await startProduct({
  source: {
    DATA_DIR: dataDir,
    PORT: String(port),
    ENGINE_PORT: String(port + 1),
    BASE_URL: `http://localhost:${port}`,
    LOG_LEVEL: "warn",
  },
  embedded: { accountName: "nobody", shelterDir },
  say: (line) => console.log(line),
});
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
    const scores = isAsked("lighthouse") ? await measureErrorsPage(browser) : {};
    const ratios = isAsked("channels") ? await measureLists(browser) : {};
    console.log(JSON.stringify({ ...scores, ...ratios }));
  } finally {
    await browser.close();
  }
}

async function measureErrorsPage(browser: BrowserContext): Promise<object> {
  const { email, channelId } = await fill();
  const page = await browser.newPage();
  await signIn(page, email, password);
  await page.goto(`/console/channel/${channelId}/statistics/errors?range=30d`);
  await page.getByRole("table", { name: "Errors", exact: true }).waitFor();
  return score(browser, page.url());
}

async function measureLists(browser: BrowserContext): Promise<object> {
  const database = openDatabase(product.databaseUrl);
  try {
    return await measureChannels(
      browser,
      database,
      `http://localhost:${port}`,
      Number(values.turns),
    );
  } finally {
    await database.close();
  }
}

/** A channel with all the errors, and a Member of it. */
async function fill(): Promise<{ email: string; channelId: string }> {
  const { db, pool, close } = openDatabase(product.databaseUrl);
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(now.getTime() - 30 * 86_400_000);
  await makePartitions(pool, { from, to: now });
  const user = await createUser(db, { password });
  const { id } = await createChannel(db, { errorStatisticsAggregation: true, createdAt: from });
  await createMember(db, id, { userId: user.id, role: "member" });
  await createBelievableErrors(pool, {
    channelId: id,
    from,
    to: now,
    count: Number(values.errors),
  });
  await pool.query("vacuum analyze");
  await close();
  return { email: user.email, channelId: id };
}

type Lighthouse = {
  default: (
    url: string,
    flags: object,
    config: object,
  ) => Promise<{ lhr: { categories: Record<string, { score: number | null }> } } | undefined>;
  desktopConfig: object;
};

async function score(browser: BrowserContext, url: string): Promise<object> {
  const { default: lighthouse, desktopConfig } = await loadPeer<Lighthouse>("lighthouse");
  const rounds: Scores[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const flags = { port: debugPort, disableStorageReset: true, onlyCategories: categories };
    const result = await lighthouse(url, { ...flags, logLevel: "error" }, desktopConfig);
    const scoreOf = (name: keyof Scores) =>
      Math.round((result?.lhr.categories[name]?.score ?? Number.NaN) * 100);
    rounds.push({
      performance: scoreOf("performance"),
      accessibility: scoreOf("accessibility"),
      "best-practices": scoreOf("best-practices"),
      seo: scoreOf("seo"),
    });
  }
  printTable(
    ["round", ...categories],
    rounds.map((one, index) => [index + 1, ...categories.map((name) => one[name])]),
  );
  const medians = categories.map((name) => [name, median(rounds.map((one) => one[name]))]);
  await browser.clearCookies();
  return Object.fromEntries(medians);
}
