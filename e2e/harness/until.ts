import { setTimeout as pause } from "node:timers/promises";

/** Ends a wait for what never comes; how long anything takes is asked elsewhere. */
const patienceMs = 120_000;

/** Waits until `condition` holds, asking again and again. @throws Error with `what` when it does not come about. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  limitMs = patienceMs,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1_000} s: ${what}`);
    await pause(50);
  }
}
