import { type ProgramName, programs } from "#e2e/front-ends/packages.ts";
import type { Report } from "#e2e/harness/report.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { situations } from "./all.ts";
import { differences, type Observed, observe } from "./run.ts";
import type { Expected, Situation } from "./situation.ts";

// Most of them wait for a server's start or for one of the sender's timers.
const atOnce = 3;

/** Runs every situation of `isWanted`, one line for each way; `isExplained` also prints what was seen. */
export async function reportSituations(
  report: Report,
  isWanted: (label: string, needed: readonly ProgramName[]) => boolean,
  isExplained: boolean,
): Promise<void> {
  const wanted = situations.filter((one) => isWanted(labelOf(one), one.programs));
  const running: Promise<() => void>[] = [];
  for (const [index, situation] of wanted.entries()) {
    running.push(tell(situation, report, isExplained));
    // In their order, whatever order they end in.
    if (index >= atOnce - 1) (await running[index - atOnce + 1])?.();
  }
  for (const told of running.slice(-(atOnce - 1))) (await told)();
}

/** Gives what prints it: nothing is printed before its turn. */
async function tell(
  situation: Situation,
  report: Report,
  isExplained: boolean,
): Promise<() => void> {
  const label = labelOf(situation);
  try {
    const observed = await observeCalmly(situation);
    return () => {
      for (const one of observed) {
        tellOne(`${label}, ${one.way}`, one, situation.expected[one.way], report);
        if (isExplained) console.log(explained(one.outcome));
      }
    };
  } catch (error) {
    return () => report.failed(label, [error instanceof Error ? error.message : String(error)]);
  }
}

/** Once more when only a timer of ours ended it unexpectedly: this machine may have been too busy for two seconds. */
async function observeCalmly(situation: Situation): Promise<Observed[]> {
  const observed = await observe(situation);
  const isLate = observed.some(
    (one) => one.observed.ends !== "at once" && situation.expected[one.way]?.ends === "at once",
  );
  return isLate ? observe(situation) : observed;
}

function tellOne(
  label: string,
  { observed }: Observed,
  expected: Expected | undefined,
  report: Report,
): void {
  const problems = expected ? differences(expected, observed) : [];
  const line = `${label}: ${observed.verdict}${observed.cause ? ` (${observed.cause})` : ""}`;
  if (problems.length === 0) report.passed(line);
  else report.failed(line, problems);
}

function labelOf({ programs: [first], name, what }: Situation): string {
  return `${name ?? (first && programs[first].name)}: ${what}`;
}

function explained({ seen, note, times, protocol, response }: DeliveryOutcome): string {
  const answer = response && {
    headers: response.headers,
    body: response.body.subarray(0, 200).toString("latin1"),
  };
  return `      ${JSON.stringify({ seen, note, times, protocol, answer })}`;
}
