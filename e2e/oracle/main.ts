import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { judge } from "./judge.ts";
import { openWorld, play, type World } from "./world.ts";

// npm run oracle: kills Tocsin's processes again and again, then checks that every figure is exact.
//   --webhooks 20000  --channels 200  --kills 50  --restarts 2 (of the database)  --seed N  --short (what npm test runs)
const { values } = parseArgs({
  options: {
    webhooks: { type: "string" },
    channels: { type: "string" },
    kills: { type: "string" },
    restarts: { type: "string" },
    seed: { type: "string" },
    short: { type: "boolean", default: false },
  },
});
const size = values.short
  ? { webhooks: 2_000, channels: 40, kills: 6, restarts: 1 }
  : { webhooks: 20_000, channels: 200, kills: 50, restarts: 2 };
const options = {
  webhooks: Number(values.webhooks ?? size.webhooks),
  channels: Number(values.channels ?? size.channels),
  kills: Number(values.kills ?? size.kills),
  restarts: Number(values.restarts ?? size.restarts),
  seed: Number(values.seed ?? randomInt(1_000_000)),
  say: (line: string) => console.log(`     ${line}`),
};
const begun = performance.now();
let world: World | undefined;
const counts = { passed: 0, failed: 0 };

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void world?.close().then(() => process.kill(process.pid, signal)));
}
console.log(
  `seed ${options.seed}: ${options.webhooks} webhooks, ${options.channels} channels, ${options.kills} kills, ${options.restarts} restarts of the database`,
);
try {
  world = await openWorld(options);
  const played = await play(world, options);
  for (const { holds, line } of await judge(world, played)) {
    counts[holds ? "passed" : "failed"] += 1;
    console.log(`${holds ? "ok  " : "FAIL"} ${line}`);
  }
  const answers = [...played.load.answers].map(([status, n]) => `${status || "none"} ${n}`);
  options.say(`answers to intake: ${answers.join(", ")}`);
} catch (error) {
  counts.failed += 1;
  console.log("FAIL the run did not finish");
  console.log(error instanceof Error ? error.stack : error);
} finally {
  await world?.close();
}
console.log(`     seed ${options.seed}, ${Math.round((performance.now() - begun) / 1_000)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
