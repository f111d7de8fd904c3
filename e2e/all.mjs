// npm test: everything, several steps beside each other, over a temp folder of its own that is gone afterwards.
//   --at-once N   steps at once (one more than there are cores; 1: one after the other)
//   --only A,B    these steps and what they need; of a step in parts, all parts
//   --had-by REV  of the integration and browser tests, only the files that this revision had, to compare with it
//   --list        names them
// What a step writes is kept until the step has ended and is then printed whole. Docs: docs/testing.md.
import { spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { filesOfRevision } from "./support/files-of-revision.mjs";

const root = join(import.meta.dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** In the order they are begun in: the long ones first. `needs` names steps that must have passed before. */
const steps = [
  { name: "verify", command: scripts.verify, needs: [] },
  // One build for the steps that start the whole product or the console: each would make its own, in the same folder. The
  // types of verify are made in that folder, too.
  { name: "build", command: "node --import tsx e2e/support/build-console.ts", needs: ["verify"] },
  { name: "integration", command: scripts["test:integration"], needs: ["verify"] },
  // Journeys wait for pages more than for the processor, so there are two products, each with half of the journeys.
  { name: "browser 1", command: `E2E_PART=1 ${scripts["test:browser"]}`, needs: ["build"] },
  {
    name: "browser 2",
    command: `E2E_PART=2 E2E_PORT=$((\${E2E_PORT:-3310} + 10)) ${scripts["test:browser"]}`,
    needs: ["build"],
  },
  { name: "faults", command: scripts.faults, needs: ["build"] },
  { name: "front-ends", command: scripts["test:front-ends"], needs: ["build"] },
  { name: "oracle", command: `${scripts.oracle} --short`, needs: ["verify"] },
  { name: "mail-servers", command: scripts["test:mail-servers"], needs: ["verify"] },
];

const { values } = parseArgs({
  options: {
    "at-once": { type: "string", default: String(availableParallelism() + 1) },
    only: { type: "string" },
    "had-by": { type: "string" },
    list: { type: "boolean", default: false },
  },
});
if (values["had-by"] !== undefined) nameFiles(filesOfRevision(root, values["had-by"]));
const wanted = choose(values.only?.split(","));
const temp = mkdtempSync(join(tmpdir(), "tocsin-test-"));
// The embedded PostgreSQL's account passes through to folders of its own.
chmodSync(temp, 0o711);
/** Of each step that has begun. */
const runs = new Map();
let cpuBefore = 0;
let signal;

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => stop(name));

if (values.list) for (const { name, command } of wanted) console.log(`${name}: ${command}`);
else await runAll(Number(values["at-once"]));
rmSync(temp, { recursive: true, force: true, maxRetries: 10 });

/** "browser" of "browser 1". */
function kindOf({ name }) {
  return name.split(" ")[0];
}

/** Hands the steps that take files by their names those that are theirs. */
function nameFiles(files) {
  for (const step of steps) {
    const ending = { integration: ".integration.test.ts", browser: ".spec.ts" }[kindOf(step)];
    if (ending === undefined) continue;
    step.command += ` ${files.filter((path) => path.endsWith(ending)).join(" ")}`;
  }
}

/** Steps by name, with all that they need. @throws Error for a name that is none. */
function choose(names) {
  if (names === undefined) return steps;
  const found = new Set();
  const add = (name) => {
    const named = steps.filter((one) => one.name === name || kindOf(one) === name);
    if (named.length === 0) {
      throw new Error(`There is no step ${name}: ${steps.map((one) => one.name).join(", ")}`);
    }
    for (const step of named) {
      step.needs.forEach(add);
      found.add(step);
    }
  };
  names.forEach(add);
  return steps.filter((step) => found.has(step));
}

async function runAll(atOnce) {
  const begun = performance.now();
  const running = new Set();
  const isReady = ({ name, needs }) =>
    !runs.has(name) && needs.every((one) => runs.get(one)?.code === 0);
  const reminder = setInterval(sayWhatRuns, 60_000);
  for (;;) {
    const next = signal === undefined ? wanted.filter(isReady) : [];
    for (const step of next.slice(0, atOnce - running.size)) {
      const ended = run(step).finally(() => running.delete(ended));
      running.add(ended);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  clearInterval(reminder);
  summarise((performance.now() - begun) / 1_000);
}

/** Runs a step to its end and prints what it wrote. */
async function run(step) {
  const { name, command } = step;
  const logPath = join(temp, `${name}.log`);
  const log = openSync(logPath, "w");
  const state = { begun: performance.now(), child: undefined, code: undefined };
  runs.set(name, state);
  console.log(`begun ${name}`);
  // A group of its own: Ctrl-C reaches this process alone, which hands it on to each step once.
  state.child = spawn("sh", ["-c", command], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      ...process.env,
      TMPDIR: temp,
      PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
    },
  });
  closeSync(log);
  state.code = await new Promise((settle) => {
    state.child.once("error", () => settle("not started"));
    state.child.once("exit", (code, by) => settle(by ?? code));
  });
  state.cpu = cpuOfEnded();
  signalGroup(state.child, "SIGKILL");
  state.seconds = (performance.now() - state.begun) / 1_000;
  const output = readFileSync(logPath, "utf8");
  state.counts = countsOf(output);
  state.failures = state.code === 0 ? [] : failuresOf(output);
  const head = `${state.code === 0 ? "passed" : "FAILED"} ${name}, ${state.seconds.toFixed(0)} s`;
  console.log(`\n===== ${head} =====\n${output.trimEnd()}\n===== ${head} =====\n`);
}

/** The last words of a step that count: each of our programs ends with "N passed, M failed", Vitest with "Tests  N passed". */
function countsOf(output) {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trim());
  const counted = lines.findLast((line) =>
    /^(\d+ passed, \d+ failed|Tests +\d+ (passed|failed))/.test(line),
  );
  return counted?.replace(/^Tests +/, "").replace(/ \(\d+\)$/, "") ?? "";
}

/** What failed and the first line of why, in the words of Vitest, Playwright and our own programs; else the last lines. */
function failuresOf(output) {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[⎯─-]+$/.test(line));
  const heads = lines.flatMap((line, at) => (/^(FAIL |\d+\) \[)/.test(line) ? [at] : []));
  if (heads.length === 0) return lines.slice(-12);
  // Vitest puts the names of tests that failed alike one below the other.
  return heads.flatMap((at) => (heads.includes(at + 1) ? [lines[at]] : lines.slice(at, at + 2)));
}

/** Seconds of processor time of what has ended since it was last asked, from proc(5); null where there is no such file. */
function cpuOfEnded() {
  if (!existsSync("/proc/self/stat")) return null;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // cutime and cstime, in hundredths: processes that were waited for, and theirs.
  const now = (Number(fields[13]) + Number(fields[14])) / 100;
  const since = now - cpuBefore;
  cpuBefore = now;
  return since;
}

function sayWhatRuns() {
  const now = performance.now();
  const words = [...runs]
    .filter(([, { code }]) => code === undefined)
    .map(([name, { begun }]) => `${name} ${Math.round((now - begun) / 1_000)} s`);
  console.log(`running: ${words.join(", ")}`);
}

/** The table that a run ends with, and its exit code. */
function summarise(seconds) {
  const rows = wanted.map(({ name }) => {
    const { code, seconds: took, cpu, counts } = runs.get(name) ?? {};
    const result = code === undefined ? "not begun" : code === 0 ? "passed" : `FAILED (${code})`;
    const cells = [took?.toFixed(0) ?? "", cpu?.toFixed(0) ?? ""].map((cell) => cell.padStart(7));
    return [name.padEnd(14), result.padEnd(16), ...cells, `  ${counts ?? ""}`].join("").trimEnd();
  });
  console.log(["step          result          seconds    cpu  tests", ...rows].join("\n"));
  // Once more at the very end: of a long log, often only that is kept.
  for (const { name } of wanted) {
    const said = (runs.get(name)?.failures ?? []).map((line) => `  ${line.slice(0, 300)}`);
    if (said.length > 0) console.log([`failed in ${name}:`, ...said].join("\n"));
  }
  const bad = wanted.filter(({ name }) => runs.get(name)?.code !== 0).map(({ name }) => name);
  const end = bad.length === 0 ? "all passed" : `not passed: ${bad.join(", ")}`;
  console.log(`${end}, ${Math.round(seconds)} s`);
  process.exitCode = signal !== undefined ? 130 : bad.length === 0 ? 0 : 1;
}

/** Hands a signal on to every step as a terminal would; the second time nobody is asked. */
function stop(name) {
  const chosen = signal === undefined ? name : "SIGKILL";
  signal = name;
  for (const { child, code } of runs.values()) if (code === undefined) signalGroup(child, chosen);
}

/** Also what a step that has ended left behind. */
function signalGroup(child, name) {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // All of it has ended.
  }
}
