import { createAlerter } from "#engine/worker/notifications/alerter.ts";

/** Sends the alerts that are due until none is; returns how many. */
export async function sendAlerts(deps: Parameters<typeof createAlerter>[0]): Promise<number> {
  const alerter = createAlerter(deps);
  let count = 0;
  for (let begun = await alerter.poll(); begun > 0; begun = await alerter.poll()) {
    count += begun;
    await alerter.slots.idle();
  }
  return count;
}
