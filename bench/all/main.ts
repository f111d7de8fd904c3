// npm run bench [-- --only delivery,scale]
// Every bench that can be short, one after the other, in its short form, and one table of all their figures. What such a run says
// is a hint: with fewer rounds, and where a bench takes long to fill with less in it. The figures of docs/benchmarks.md come from each
// bench by itself.

import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { load, machine, printTable, round } from "#bench/support/figures.ts";
import { undoneOnInterrupt } from "#bench/support/interrupt.ts";
import { goals, lastLine, verdict, wordsOf } from "./figures.ts";

/** By the name of the bench, what makes it short. */
const runs: Readonly<Record<string, readonly string[]>> = {
  delivery: [
    ...["--count", "4000", "--rounds", "3", "--portion", "2000"],
    ...["--waiting", "50000", "--channels", "10000", "--seconds", "5"],
  ],
  scale: [
    ...["--count", "4000", "--rounds", "3", "--portion", "2000"],
    ...["--waiting", "50000", "--channels", "10000"],
  ],
  fairness: ["--seconds", "5", "--rounds", "1"],
  errors: ["--sizes", "100000,1000000", "--rounds", "5", "--record", "10000"],
  log: ["--sizes", "20000,200000", "--rounds", "5"],
  brake: ["--waiting", "100000"],
  intake: ["--rounds", "10"],
  sender: ["--requests", "5000", "--rounds", "3"],
  "first-mail": ["--channels", "10"],
};
/** Those that are never short, or need more than this repository. */
const leftOut = {
  "bench:downloads": "minutes of slow readers",
  "bench:page": "a browser, and a console that has to be built",
  "bench:limits": "a running Tocsin",
};

const { values } = parseArgs({ options: { only: { type: "string" } } });
const bench = join(import.meta.dirname, "..");
const logs = join(bench, "..", ".data", "bench");
const rows: (string | number)[][] = [];

console.log(machine());
mkdirSync(logs, { recursive: true });
for (const name of values.only?.split(",") ?? Object.keys(runs)) await runOne(name);
printTable(["bench", "figure", "value", "goal", ""], rows);
for (const [name, why] of Object.entries(leftOut)) console.log(`Left out: ${name} (${why}).`);
console.log(`${load()} at the end.`);

async function runOne(name: string): Promise<void> {
  const args = runs[name];
  if (args === undefined) throw new Error(`there is no short bench ${name}`);
  const file = join(bench, name === "sender" ? "sender.ts" : join(name, "main.ts"));
  const log = join(logs, `${name}.log`);
  const startedAt = performance.now();
  const { output, code } = await run([file, ...args], log);
  const figures = code === 0 ? lastLine(output) : undefined;
  const seconds = round((performance.now() - startedAt) / 1_000, 0);
  console.log(
    `${name} ${args.join(" ")}: ${seconds} s; ${relative(process.cwd(), log)} has its words`,
  );
  if (figures === undefined) {
    rows.push([name, `failed (${code ?? "by a signal"})`, "", "", ""]);
    process.exitCode = 1;
  }
  for (const [figure, value] of Object.entries(figures ?? {})) {
    const goal = goals[figure];
    rows.push([name, figure, String(value ?? "not measured"), wordsOf(goal), verdict(goal, value)]);
  }
}

/** What it prints goes into the log as it comes: a bench takes minutes, and may be ended. */
async function run(
  args: readonly string[],
  log: string,
): Promise<{ output: string; code: number | null }> {
  writeFileSync(log, "");
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    appendFileSync(log, chunk);
  });
  const forget = undoneOnInterrupt(() => void child.kill());
  const code = await new Promise<number | null>((settle) => child.once("close", settle));
  forget();
  return { output, code };
}
