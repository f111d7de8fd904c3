// npm run bench:downloads [-- --seconds 600 --downloads 20 --per-second 200 --rows 1000000]
// What a claim costs while clients read downloads very slowly, compared with the same load without downloads.
import { parseArgs } from "node:util";
import { startBotServer } from "#bench/support/bot-server.ts";
import { machine, printTable, round } from "#bench/support/figures.ts";
import { openWorld } from "#bench/support/world.ts";
import { fillFile, trickle } from "./files.ts";
import { measureStretch, type Stretch } from "./stretch.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    downloads: { type: "string", default: "20" },
    "per-second": { type: "string", default: "200" },
    rows: { type: "string", default: "1000000" },
  },
});
const downloads = Number(values.downloads);
const load = { seconds: Number(values.seconds), perSecond: Number(values["per-second"]) };

console.log(machine());
const world = await openWorld();
const bot = await startBotServer();
try {
  const file = await fillFile(world, Number(values.rows));
  const alone = await measureStretch(world, bot, load);
  const readers = trickle(world, file, downloads);
  const beside = await measureStretch(world, bot, load);
  const { brokenOff } = await readers.stop();
  report(alone, beside, brokenOff);
} finally {
  bot.stop();
  await world.stop();
}

function report(alone: Stretch, beside: Stretch, brokenOff: number): void {
  const row = (name: string, { claimMs, claimBuffers, deadRows, delivered }: Stretch) => [
    name,
    round(claimMs, 3),
    round(claimBuffers, 1),
    deadRows,
    delivered,
  ];
  printTable(
    ["", "claim look-up, ms", "buffers", "dead rows kept", "delivered"],
    [row("alone", alone), row(`with ${downloads} slow downloads`, beside)],
  );
  console.log(
    JSON.stringify({
      claimTimeRatio: round(beside.claimMs / alone.claimMs),
      claimBuffersRatio: round(beside.claimBuffers / alone.claimBuffers),
      deadRowsBeside: beside.deadRows,
      brokenOff,
      ...load,
      downloads,
    }),
  );
}
