import type { BrowserContext } from "@playwright/test";
import { median, printTable, round } from "#bench/support/figures.ts";
import { loadPeer } from "#bench/support/peers.ts";

const categories = ["performance", "accessibility", "best-practices"] as const;
/** What performance is made of: milliseconds, and of the last how far things jump. */
const measures = {
  "first paint": "first-contentful-paint",
  "largest paint": "largest-contentful-paint",
  blocked: "total-blocking-time",
  "speed index": "speed-index",
  jumps: "cumulative-layout-shift",
} as const;
type Scores = Record<(typeof categories)[number] | keyof typeof measures, number>;

type Report = {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { numericValue?: number }>;
};

type Lighthouse = {
  default: (url: string, flags: object, config: object) => Promise<{ lhr: Report } | undefined>;
  desktopConfig: object;
};

const names = Object.keys(measures) as (keyof typeof measures)[];

/** Now and then a round on a busy machine has no figure. */
const triesMax = 3;

/**
 * Points of Lighthouse on a desktop screen, each the median of the rounds, and of the pages the lowest. `browser` is signed in, and
 * can be reached at the debug port. Pages take turns. Search engines are left out: a console asks them away.
 */
export async function measurePoints(
  browser: BrowserContext,
  options: { pages: Readonly<Record<string, string>>; debugPort: number; rounds: number },
): Promise<Record<"performance" | "accessibility" | "bestPractices", number>> {
  const lighthouse = await loadPeer<Lighthouse>("lighthouse");
  const all = Object.entries(options.pages).map(([name, url]) => ({
    name,
    url,
    rounds: [] as Scores[],
  }));
  for (const { url } of all) {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    await page.close();
  }
  for (let turn = 0; turn < options.rounds; turn += 1) {
    for (const one of all) one.rounds.push(await score(lighthouse, one.url, options.debugPort));
  }
  const medians = all.map(({ name, rounds }) => ({
    name,
    of: (category: keyof Scores) => median(rounds.map((one) => one[category])),
    lowest: Math.min(...rounds.map((one) => one.performance)),
  }));
  printTable(
    ["page", ...categories, "performance, lowest", ...names],
    medians.map(({ name, of, lowest }) => [
      name,
      ...categories.map(of),
      lowest,
      ...names.map((measure) => round(of(measure), measure === "jumps" ? 3 : 0)),
    ]),
  );
  const lowestOf = (category: keyof Scores) => Math.min(...medians.map(({ of }) => of(category)));
  return {
    performance: lowestOf("performance"),
    accessibility: lowestOf("accessibility"),
    bestPractices: lowestOf("best-practices"),
  };
}

async function score(
  { default: lighthouse, desktopConfig }: Lighthouse,
  url: string,
  port: number,
): Promise<Scores> {
  const flags = { port, disableStorageReset: true, onlyCategories: categories, logLevel: "error" };
  for (let attempt = 1; ; attempt += 1) {
    const result = await lighthouse(url, flags, desktopConfig);
    const report = result?.lhr;
    const scores = Object.fromEntries([
      ...categories.map((name) => [
        name,
        Math.round((report?.categories[name]?.score ?? Number.NaN) * 100),
      ]),
      ...names.map((name) => [name, report?.audits[measures[name]]?.numericValue ?? Number.NaN]),
    ]) as Scores;
    if (attempt === triesMax || !Object.values(scores).some(Number.isNaN)) return scores;
  }
}
