import { createPlace } from "#e2e/front-ends/place.ts";
import type { BotReport } from "./bot-report.ts";
import type { LoadCase } from "./cases.ts";
import { type LoadResult, sendMany } from "./send-many.ts";

export type LoadRun = LoadResult & { count: number; wasReloaded: boolean; bot: BotReport };

// A process that stood still this long may have been late for the answer's 2 seconds by itself.
const stillMsMax = 500;

/** A reload is played again so often: lighttpd 1.4.69 now and then accepts nothing for longer than a connection may take. */
const repeatsMax = 2;

/**
 * One load run, from start to stop of its server. Repeated when time-outs may come from this machine having stood still, or
 * from a server that did not accept while it reloaded, rather than from the sender; `log` is told.
 */
export async function runLoad(
  load: LoadCase,
  usualCount: number,
  log: (line: string) => void,
): Promise<LoadRun> {
  let run = await runOnce(load, usualCount);
  for (let repeats = 0; repeats < repeatsMax && mayBeNoFault(run); repeats++) {
    log(`${problemsOf(run).join("; ")}: stood still for ${run.stillMs.toFixed(0)} ms, once more`);
    run = await runOnce(load, usualCount);
  }
  return run;
}

function mayBeNoFault({ errors, stillMs, wasReloaded }: LoadRun): boolean {
  const verdicts = [...errors.keys()];
  const isSlow = stillMs >= stillMsMax && verdicts.some((verdict) => /timeout/i.test(verdict));
  return isSlow || (wasReloaded && verdicts.some((verdict) => /Connection timeout/.test(verdict)));
}

/** What is wrong with a run in which every webhook should have arrived and been answered with 200. */
export function problemsOf(run: LoadRun): string[] {
  const problems = [...run.errors].map(([verdict, count]) => `${count} × ${verdict}`);
  const lost = run.count - run.bot.distinct;
  if (lost > 0) problems.push(`${lost} never reached the bot server`);
  if (run.bot.unmarkedTwice > 0) {
    problems.push(`${run.bot.unmarkedTwice} came twice without isRedelivery`);
  }
  return problems;
}

async function runOnce(load: LoadCase, usualCount: number): Promise<LoadRun> {
  const place = createPlace();
  try {
    const { url, bot, reload } = await load.start(place);
    const count = load.count ?? usualCount;
    const { ca } = place;
    const protocol = load.protocol === "h2" ? "h2" : "http/1.1";
    const { atOnce } = load;
    const result = await sendMany({ url, ca, count, atOnce, protocol, halfway: reload });
    return { ...result, count, wasReloaded: reload !== null, bot: await bot.report() };
  } finally {
    await place.close();
  }
}
