const wallText = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/;

/** An instant as the clock on the wall shows it in a zone: `2026-11-22T10:41`, as date and time fields take it. */
export function toWallTime(instant: Date, timeZone: string): string {
  return new Date(instant.getTime() + offsetMs(instant, timeZone)).toISOString().slice(0, 16);
}

/**
 * The instant at which the clock on the wall of a zone shows `wall`, or null when that is no time. A time that a change
 * of clocks skips is taken as much later; of a time that comes twice, the first.
 */
export function fromWallTime(wall: string, timeZone: string): Date | null {
  if (!wallText.test(wall)) return null;
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  const { before, fits } = momentsOf(asUtc, timeZone);
  return new Date(fits.length === 0 ? before : Math.min(...fits));
}

/**
 * When the clock on the wall of a zone shows a time first and last; `wallMs` is that time as if it were one of UTC. The two differ
 * where a change of clocks brings it twice; of a time that one skips both are the moment of the change.
 */
export function wallTimeSpan(wallMs: number, timeZone: string): { first: Date; last: Date } {
  const { before, after, fits } = momentsOf(wallMs, timeZone);
  if (fits.length > 0) {
    return { first: new Date(Math.min(...fits)), last: new Date(Math.max(...fits)) };
  }
  const change = offsetChange(after, before, timeZone);
  return { first: change, last: change };
}

/** When it is `wallMs` by the offset of the day before and by that of the day after; `fits`: those at which the clock shows it. */
function momentsOf(wallMs: number, timeZone: string) {
  const dayMs = 86_400_000;
  const before = wallMs - offsetMs(new Date(wallMs - dayMs), timeZone);
  const after = wallMs - offsetMs(new Date(wallMs + dayMs), timeZone);
  const fits = [before, after].filter(
    (instant) => instant + offsetMs(new Date(instant), timeZone) === wallMs,
  );
  return { before, after, fits };
}

/** The first moment at which the zone's clock is as far ahead as at `to`; between the two moments it changes once. */
function offsetChange(from: number, to: number, timeZone: string): Date {
  const ahead = offsetMs(new Date(to), timeZone);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(new Date(middle), timeZone) === ahead) high = middle;
    else low = middle;
  }
  return new Date(high);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Building a formatter costs more than using it a thousand times. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  formatters.set(timeZone, made);
  return made;
}

/** How far the zone's clock is ahead of UTC at that moment. */
function offsetMs(instant: Date, timeZone: string): number {
  const parts = formatterOf(timeZone)
    .formatToParts(instant)
    .find((part) => part.type === "timeZoneName");
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)/.exec(parts?.value ?? "") ?? [];
  if (sign === undefined) return 0;
  return (sign === "+" ? 1 : -1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** How far the zone's clock is ahead of UTC, in minutes, when that does not change between two moments; else null. */
export function constantOffsetMinutes(timeZone: string, from: Date, to: Date): number | null {
  const dayMs = 86_400_000;
  const offset = offsetMs(from, timeZone);
  // No zone goes to another offset and back within a day.
  for (let at = from.getTime(); at < to.getTime(); at += dayMs) {
    if (offsetMs(new Date(at), timeZone) !== offset) return null;
  }
  return offsetMs(to, timeZone) === offset ? offset / 60_000 : null;
}
