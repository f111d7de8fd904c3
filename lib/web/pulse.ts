/** Whether the database answers. */
export type Pulse = { beats: () => Promise<boolean> };

/** Who comes so soon after it did not answer need not wait for that again. */
const badForMs = 500;

/**
 * One question at a time, however many ask. That it answered a moment ago says nothing: a page that believes it waits for
 * the database as long as a page may, and ends as an error. `ask` ends in bounded time.
 */
export function createPulse(
  ask: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): Pulse {
  let silentUntil = Number.NEGATIVE_INFINITY;
  let asking: Promise<boolean> | undefined;
  const look = async (): Promise<boolean> => {
    const beats = await ask().then(
      () => true,
      () => false,
    );
    if (!beats) silentUntil = now() + badForMs;
    asking = undefined;
    return beats;
  };
  return {
    beats: () => {
      if (now() < silentUntil) return Promise.resolve(false);
      asking ??= look();
      return asking;
    },
  };
}
