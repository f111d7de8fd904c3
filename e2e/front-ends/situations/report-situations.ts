import { type ProgramName, programs } from "#e2e/front-ends/packages.ts";
import type { Report } from "#e2e/front-ends/report.ts";
import type { DeliveryOutcome } from "#lib/deliveries/schema.ts";
import { situations } from "./all.ts";
import { differences, observe } from "./run.ts";
import type { Situation } from "./situation.ts";

/** Runs every situation of `isWanted`, one line for each way; `isExplained` also prints what was seen. */
export async function reportSituations(
  report: Report,
  isWanted: (label: string, needed: readonly ProgramName[]) => boolean,
  isExplained: boolean,
): Promise<void> {
  for (const situation of situations) {
    const label = labelOf(situation);
    if (!isWanted(label, situation.programs)) continue;
    try {
      for (const [way, { observed, outcome }] of await observe(situation)) {
        const expected = situation.expected[way];
        const problems = expected ? differences(expected, observed) : [];
        const line = `${label}, ${way}: ${observed.verdict}${observed.cause ? ` (${observed.cause})` : ""}`;
        if (problems.length === 0) report.passed(line);
        else report.failed(line, problems);
        if (isExplained) console.log(explained(outcome));
      }
    } catch (error) {
      report.failed(label, [error instanceof Error ? error.message : String(error)]);
    }
  }
}

function labelOf({ programs: [first], what }: Situation): string {
  return `${first === undefined ? "Node.js" : programs[first].name}: ${what}`;
}

function explained({ seen, note, times, protocol, response }: DeliveryOutcome): string {
  const answer = response && {
    headers: response.headers,
    body: response.body.subarray(0, 200).toString("latin1"),
  };
  return `      ${JSON.stringify({ seen, note, times, protocol, answer })}`;
}
