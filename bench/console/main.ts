// npm run bench:console [-- --against ea08ee5 --rounds 7 --asked 25 --pages 10000]
// Processor time of the console's process for one page and for one refusal, of this build and of an older one over the same rows,
// in turns; and the memory of this build's over many pages. The last line has all figures; a page's is its ratio to before.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { type Build, checkOut, defaultRevision, thisBuild } from "#bench/support/build.ts";
import { processCpuMs, processRssMb } from "#bench/support/cpu.ts";
import { machine, median, printTable, round } from "#bench/support/figures.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { administer, startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { type Filled, fill } from "./data.ts";
import { pagesOf, type Question, refusalsOf } from "./questions.ts";
import {
  buildConsole,
  cookieOf,
  countErrorsBy,
  migrateBy,
  type Side,
  startConsole,
} from "./side.ts";

const { values } = parseArgs({
  options: {
    against: { type: "string", default: defaultRevision },
    rounds: { type: "string", default: "7" },
    asked: { type: "string", default: "25" },
    pages: { type: "string", default: "10000" },
  },
});
/** Asked of each before anything counts: what is compiled or cached once has been by then. */
const warmCount = 60;
/** An answer that takes longer is none. */
const askedMsMax = 60_000;
/** More streams than one person may hold open. */
const liveMax = 40;

type Asker = { filled: Filled; cookie: string };
type Measured = { side: Side; ms: number[] };

console.log(
  `${machine()}, load ${loadavg()
    .map((one) => round(one, 1))
    .join(" ")}`,
);
const older = await checkOut(values.against);
try {
  const builds = [thisBuild, older].filter((build) => build !== undefined);
  for (const build of builds) await buildConsole(build);
  await run(builds);
} finally {
  older?.remove();
}

async function run(builds: readonly Build[]): Promise<void> {
  const database = await startThrowawayDatabase(["shared_buffers=256MB"]);
  const sides: Side[] = [];
  try {
    const { filled, urls } = await prepare(database.url, builds);
    for (const build of builds) {
      sides.push(await startConsole(build, urls.get(build) ?? "", await freePort()));
    }
    const asker = { filled, cookie: await cookieOf(filled) };
    const pages = await measure(sides, asker, pagesOf(filled));
    const own = sides.filter(({ build }) => build === thisBuild);
    const refusals = await measureRefusals(own, asker);
    const memory = await watchMemory(own, asker);
    const toBefore = (name: string) => ratioOf(pages.get(name) ?? []);
    console.log(
      JSON.stringify({
        errorsToBefore: toBefore("errors"),
        deliveriesToBefore: toBefore("deliveries"),
        homeToBefore: toBefore("home"),
        refusalMs: refusals,
        ...memory,
      }),
    );
  } finally {
    for (const side of sides) await side.stop();
    await database.stop();
  }
}

/** The oldest build's tables are filled, and the rest follow from a copy of them by their own migrations. */
async function prepare(clusterUrl: string, builds: readonly Build[]) {
  const named = (name: string) => clusterUrl.replace(/\/[^/]*$/, `/${name}`);
  const oldest = builds.at(-1) ?? thisBuild;
  await administer(clusterUrl, "create database filled");
  await migrateBy(oldest, named("filled"));
  const pool = new pg.Pool({ connectionString: named("filled"), max: 1 });
  const filled = await fill(pool);
  await pool.end();
  const urls = new Map<Build, string>();
  for (const [index, build] of builds.entries()) {
    await administer(clusterUrl, `create database side_${index} template filled`);
    const url = named(`side_${index}`);
    await migrateBy(build, url);
    const own = new pg.Pool({ connectionString: url, max: 1 });
    await countErrorsBy(build, own);
    await own.end();
    await administer(url, "vacuum analyze");
    urls.set(build, url);
  }
  return { filled, urls };
}

/** Processor milliseconds of each side's console for one answer to each question, in turns. */
async function measure(
  sides: readonly Side[],
  asker: Asker,
  questions: Record<string, Question>,
): Promise<Map<string, Measured[]>> {
  const figures = new Map(
    Object.keys(questions).map((name) => [name, sides.map((side): Measured => ({ side, ms: [] }))]),
  );
  for (const { origin } of sides) {
    for (const question of Object.values(questions)) await ask(origin, asker, question, warmCount);
  }
  for (let turn = 0; turn < Number(values.rounds); turn += 1) {
    for (const [name, question] of Object.entries(questions)) {
      for (const one of figures.get(name)?.reverse() ?? []) {
        const before = await processCpuMs(one.side.pid);
        await ask(one.side.origin, asker, question, Number(values.asked));
        const used = (await processCpuMs(one.side.pid)) - before;
        one.ms.push(used / Number(values.asked));
      }
    }
  }
  printTable(
    ["answer", "ms", "of the rounds", "before", "of the rounds", "ratio"],
    [...figures].map(([name, all]) => {
      const [now, before] = [thisOf(all), beforeOf(all)];
      return [name, ...told(now), ...told(before), ratioOf(all) ?? "-"];
    }),
  );
  return figures;
}

function thisOf(all: readonly Measured[]): Measured | undefined {
  return all.find(({ side }) => side.build === thisBuild);
}

function beforeOf(all: readonly Measured[]): Measured | undefined {
  return all.find(({ side }) => side.build !== thisBuild);
}

function told(measured: Measured | undefined): [number | string, string] {
  if (measured === undefined) return ["-", "-"];
  const { ms } = measured;
  return [round(median(ms)), `${round(Math.min(...ms))} to ${round(Math.max(...ms))}`];
}

function ratioOf(all: readonly Measured[]): number | null {
  const [now, before] = [thisOf(all), beforeOf(all)];
  if (now === undefined || before === undefined) return null;
  return round(median(now.ms) / median(before.ms), 3);
}

/** The dearest of this build's; an older one refuses other things. */
async function measureRefusals(sides: readonly Side[], asker: Asker): Promise<number> {
  const questions = refusalsOf(asker.filled);
  const streams = new AbortController();
  try {
    const live = Object.values(questions).find(({ status }) => status === 429);
    for (const { origin } of sides) {
      if (live !== undefined) await fillLive(origin, asker, live, streams.signal);
    }
    const figures = await measure(sides, asker, questions);
    return round(Math.max(...[...figures.values()].map((all) => median(thisOf(all)?.ms ?? []))));
  } finally {
    streams.abort();
  }
}

/** Opens more streams than one person may hold, and waits until the next is refused. */
async function fillLive(origin: string, asker: Asker, live: Question, signal: AbortSignal) {
  for (let opened = 0; opened < liveMax; opened += 1) {
    // Its answer begins when there is something to tell; one that nobody reads would be closed.
    answerOf(origin, asker, live, signal)
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }
  for (let tries = 0; tries < 20; tries += 1) {
    const tried = AbortSignal.any([signal, AbortSignal.timeout(1_000)]);
    const response = await answerOf(origin, asker, live, tried).catch(() => undefined);
    if (response?.status === live.status) return;
  }
  throw new Error(`${origin} refuses no stream`);
}

function answerOf(
  origin: string,
  asker: Asker,
  { path, init, isStranger }: Question,
  signal?: AbortSignal,
) {
  const headers = { ...init?.headers, ...(isStranger ? {} : { cookie: asker.cookie }) };
  return fetch(origin + path, { ...init, headers, redirect: "manual", signal: signal ?? null });
}

async function ask(origin: string, asker: Asker, question: Question, times: number): Promise<void> {
  for (let asked = 0; asked < times; asked += 1) {
    const response = await answerOf(origin, asker, question, AbortSignal.timeout(askedMsMax));
    await response.arrayBuffer();
    if (response.status !== question.status) {
      throw new Error(`${question.path} answered ${response.status} instead of ${question.status}`);
    }
  }
}

/** Memory of the console over many pages, each as often: after a tenth of them and at the end, each the median of some looks. */
async function watchMemory([side]: readonly Side[], asker: Asker) {
  const pages = Object.values(pagesOf(asker.filled));
  const count = Number(values.pages);
  if (side === undefined || count === 0) return {};
  const seen: number[] = [];
  const looks = 100;
  for (let look = 0; look < looks; look += 1) {
    for (const page of pages) {
      await ask(side.origin, asker, page, Math.ceil(count / looks / pages.length));
    }
    seen.push(await processRssMb(side.pid));
  }
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    round(median(seen.slice(tenth * 10, tenth * 10 + 10)), 0),
  );
  console.log(`Memory after each tenth of ${count} pages, MB: ${tenths.join(" ")}`);
  const [rssAfterTenthMb, rssAtEndMb] = [tenths[0], tenths[9]];
  return { rssAfterTenthMb, rssAtEndMb };
}
