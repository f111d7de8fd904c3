import { parseArgs } from "node:util";
import { allFaults, type GroupedFault } from "./all.ts";
import type { Seen } from "./page.ts";
import { openTheatre, type Theatre } from "./stage.ts";
import { writePage } from "./write-page.ts";

// npm run faults: hurts Tocsin's processes and compares what is seen with what is promised.
//   --only A,B    only rows whose name contains one of these, long ones too
//   --list        lists them
//   --at-once N   runs N rows at a time (3)
//   --doc         writes these rows into docs/reliability.md
// With SOAK=1 the rows that take minutes run too.
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    list: { type: "boolean", default: false },
    doc: { type: "boolean", default: false },
    "at-once": { type: "string", default: "3" },
  },
});
const { only } = values;
const isWanted = ({ name, isLong = false }: GroupedFault): boolean =>
  only === undefined
    ? !isLong || process.env.SOAK === "1"
    : only.split(",").some((part) => name.includes(part));
const wanted = allFaults.filter(isWanted);
const rows: Omit<Seen, "day">[] = [];
const counts = { passed: 0, failed: 0, skipped: 0 };
let theatre: Theatre | undefined;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void theatre?.close().then(() => process.kill(process.pid, signal)));
}

if (wanted.length === 0) {
  console.error(`Nothing was run: no row has ${only} in its name. --list names them.`);
  process.exitCode = 1;
} else if (values.list)
  for (const { group, name, done } of wanted) console.log(`${group} · ${name}: ${done}`);
else await playAll();

async function playAll(): Promise<void> {
  theatre = await openTheatre();
  const queue = [...wanted];
  const players = Array.from({ length: Number(values["at-once"]) }, async () => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) await play(row);
  });
  await Promise.all(players);
  await theatre.close();
  if (values.doc) await writePage(rows);
  const left = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`${counts.passed} passed, ${counts.failed} failed${left}`);
  // Waits that something else won may still go on.
  process.exit(counts.failed === 0 ? 0 : 1);
}

async function play(row: GroupedFault): Promise<void> {
  const { name } = row;
  if (row.needsRoot === true && (process.getuid?.() !== 0 || process.platform !== "linux")) {
    // Where changes are judged, nothing may be left out in silence.
    const result = process.env.CI === undefined ? "skipped" : "failed";
    return report(result, row, ["needs root on Linux"]);
  }
  const words: string[] = [];
  let holds = true;
  const stage = theatre?.newStage();
  if (stage === undefined) return;
  const begun = performance.now();
  try {
    await row.run(stage, (isRight, what) => {
      words.push(isRight ? what : `NOT AS EXPECTED: ${what}`);
      holds &&= isRight;
    });
    if (words.length === 0) throw new Error("the row saw nothing");
  } catch (error) {
    holds = false;
    words.push(`NOT AS EXPECTED: ${error instanceof Error ? error.message : error}`);
  } finally {
    await stage.clear();
  }
  rows.push({ name, seen: words.join("; "), holds });
  report(holds ? "passed" : "failed", row, words, performance.now() - begun);
}

function report(
  result: keyof typeof counts,
  row: GroupedFault,
  words: readonly string[],
  tookMs = 0,
): void {
  counts[result] += 1;
  const mark = { passed: "ok  ", failed: "FAIL", skipped: "SKIP" }[result];
  const seen = words.join("; ").replaceAll("\n", " ").slice(0, 2_000);
  console.log(
    `${mark} ${row.name}: ${row.done} | expected: ${row.expected} | seen: ${seen} (${Math.round(tookMs / 1_000)} s)`,
  );
}
