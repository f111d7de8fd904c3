// npm run bench:errors [-- --sizes 100000,1000000,10000000 --rounds 15 --record 40000]
// The Errors page, its last pages, a rare detail, the download and recording, with more and more stored errors.
import { parseArgs } from "node:util";
import { machine, printTable, round } from "#bench/support/figures.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { createChannel } from "#testing/factories.ts";
import { fillRows, makeWorld, type World } from "./data.ts";
import { measureDownload } from "./download.ts";
import { measurePages, questions } from "./pages.ts";
import { measureRecording } from "./recording.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "100000,1000000,10000000" },
    rounds: { type: "string", default: "15" },
    record: { type: "string", default: "40000" },
  },
});
const sizes = values.sizes.split(",").map(Number);
const rounds = Number(values.rounds);

console.log(machine());
const cluster = await startThrowawayDatabase();
try {
  const worlds: World[] = [];
  for (const size of sizes) {
    const startedAt = performance.now();
    worlds.push(await makeWorld(cluster.url, size));
    console.log(`${size} errors stored in ${round((performance.now() - startedAt) / 1_000, 0)} s`);
  }
  await measure(worlds);
  await Promise.all(worlds.map((world) => world.database.close()));
} finally {
  await cluster.stop();
}

async function measure(worlds: readonly World[]): Promise<void> {
  const [small, large] = [worlds[0], worlds.at(-1)];
  if (small === undefined || large === undefined) throw new Error("no size given");
  const times = await measurePages(worlds, rounds);
  printTable(
    ["stored errors", ...questions.map((question) => `${question} ms`)],
    times.map((time, index) => [
      sizes[index] ?? 0,
      ...questions.map((question) => round(time[question], 1)),
    ]),
  );
  const ratio = (question: (typeof questions)[number]) =>
    round((times.at(-1)?.[question] ?? Number.NaN) / (times[0]?.[question] ?? Number.NaN));
  const { id } = await createChannel(small.database.db);
  const download = await measureDownload(small, id, await fillRows(small, id), Math.min(rounds, 5));
  const thousand = (rate: number) => `${round(rate / 1_000, 0)}k rows/s`;
  console.log(
    `TSV of ${download.rows} rows: ${thousand(download.ours)}; ${download.peer}: ${thousand(download.copy)}`,
  );
  const recordedPerSecond = round(await measureRecording(large, Number(values.record)), 0);
  console.log(
    JSON.stringify({
      largest: large.size,
      pageAt1e7: ratio("page"),
      page24hAt1e7: ratio("page24h"),
      deepPageAt1e7: ratio("deepPage"),
      rareDetailAt1e7: ratio("rareDetail"),
      tsvToCopy: round(download.ours / download.copy),
      tsvRssGrowthMb: round(download.rssGrowthMb, 0),
      recordedPerSecond,
    }),
  );
}
