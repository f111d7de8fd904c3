import { type ProgramName, programs } from "#e2e/front-ends/packages.ts";
import type { Report } from "#e2e/harness/report.ts";
import { type LoadCase, loadCases } from "./cases.ts";
import { keepingCases, runKeeping } from "./keeping.ts";
import { type LoadRun, problemsOf, runLoad } from "./run.ts";

/** Runs every load of `isWanted` and ends with a table of all, in the form docs/benchmarks.md has it. */
export async function reportLoad(
  report: Report,
  usualCount: number,
  isWanted: (label: string, program: ProgramName | null) => boolean,
): Promise<void> {
  const rows: string[] = [];
  for (const load of loadCases) {
    const label = `load: ${load.name}, ${load.protocol}, ${load.atOnce} at once`;
    if (!isWanted(label, load.program)) continue;
    try {
      const run = await runLoad(load, usualCount, (line) => console.log(`      ${label}: ${line}`));
      const problems = problemsOf(run);
      rows.push(rowOf(load, run));
      const line = `${label}: ${run.delivered} of ${run.count} delivered`;
      if (problems.length === 0) report.passed(line);
      else report.failed(line, problems);
    } catch (error) {
      report.failed(label, [error instanceof Error ? error.message : String(error)]);
    }
  }
  for (const keeping of keepingCases) {
    const label = `load: ${keeping.name}`;
    if (!isWanted(label, keeping.program)) continue;
    try {
      const { problems, seen } = await runKeeping(keeping);
      if (problems.length === 0) report.passed(`${label}: ${seen}`);
      else report.failed(`${label}: ${seen}`, problems);
    } catch (error) {
      report.failed(label, [error instanceof Error ? error.message : String(error)]);
    }
  }
  if (rows.length > 0) console.log(["", ...tableHead, ...rows, ""].join("\n"));
}

const tableHead = [
  "| server | protocol | at once | webhooks | reloaded | false errors | lost | sent again, marked | twice, unmarked | connections at most | longest pause | seconds |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];

function rowOf(load: LoadCase, run: LoadRun): string {
  const version = load.program === null ? process.versions.node : programs[load.program].version;
  const cells = [
    `${load.name} (${version})`,
    load.protocol,
    load.atOnce,
    run.count,
    run.wasReloaded ? "once" : "–",
    run.count - run.delivered,
    run.count - run.bot.distinct,
    run.bot.marked,
    run.bot.unmarkedTwice,
    run.connectionsMax,
    `${run.stillMs.toFixed(0)} ms`,
    run.seconds.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}
