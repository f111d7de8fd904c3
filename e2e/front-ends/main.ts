import { parseArgs } from "node:util";
import { createReport } from "#e2e/harness/report.ts";
import { reportConsole } from "./console/report-console.ts";
import { reportLoad } from "./load/report-load.ts";
import { missingPrograms, type ProgramName, programs } from "./packages.ts";
import { closeAllPlaces } from "./place.ts";
import { reportSituations } from "./situations/report-situations.ts";

// npm run test:front-ends: the sender against the servers that bot servers really stand behind, and the console behind them.
//   --count N      webhooks per load run
//   --only TEXT    only lines that contain the text
//   --part load    one part only: situations, load or console
//   --explain      also print what was seen

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    only: { type: "string", default: "" },
    part: { type: "string" },
    explain: { type: "boolean", default: false },
  },
});

const report = createReport();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void closeAllPlaces().then(() => process.kill(process.pid, signal)));
}

const missing = new Set(missingPrograms(Object.keys(programs) as ProgramName[]));
for (const name of missing) {
  const line = `${programs[name].name} is not installed here: apt-get install ${programs[name].package}`;
  // Where changes are judged, nothing may be left out in silence.
  if (process.env.CI) report.failed(line, []);
  else report.skipped(line);
}
const isHere = (program: ProgramName | null) => program === null || !missing.has(program);

const isWanted = (label: string) => label.toLowerCase().includes(values.only.toLowerCase());
const isAsked = (part: string) => values.part === undefined || values.part === part;
if (isAsked("situations")) {
  await reportSituations(
    report,
    (label, needed) => needed.every(isHere) && isWanted(label),
    values.explain,
  );
}
if (isAsked("console")) {
  await reportConsole(report, (label, program) => isHere(program) && isWanted(label));
}
if (isAsked("load")) {
  await reportLoad(
    report,
    Number(values.count),
    (label, program) => isHere(program) && isWanted(label),
  );
}
process.exitCode = report.end();
