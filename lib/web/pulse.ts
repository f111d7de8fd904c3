/** Whether the database answers; known without asking it when it was asked a moment ago. */
export type Pulse = { beats: () => Promise<boolean> };

const goodForMs = 1_000;
const badForMs = 500;

/** One question at a time, however many ask. `ask` ends in bounded time. */
export function createPulse(
  ask: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): Pulse {
  let known: { beats: boolean; until: number } = { beats: true, until: Number.NEGATIVE_INFINITY };
  let asking: Promise<boolean> | undefined;
  const look = async (): Promise<boolean> => {
    const beats = await ask().then(
      () => true,
      () => false,
    );
    known = { beats, until: now() + (beats ? goodForMs : badForMs) };
    asking = undefined;
    return beats;
  };
  return {
    beats: () => {
      if (now() < known.until) return Promise.resolve(known.beats);
      asking ??= look();
      return asking;
    },
  };
}
