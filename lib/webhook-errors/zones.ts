const fixedOffset = /^([+-])(\d\d):(\d\d)$/;
const named = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);

/** An IANA zone by its exact name, `UTC`, or a fixed offset such as `+09:00` (at most 14 hours). */
export function isTimeZone(zone: string): boolean {
  if (named.has(zone)) return true;
  const [, , hours, minutes] = fixedOffset.exec(zone) ?? [];
  return hours !== undefined && Number(hours) <= 14 && Number(minutes) <= 59;
}

/** Every zone a person can pick, in the order of their names. */
export const timeZones: readonly string[] = [...named].sort();

/**
 * The zone as PostgreSQL understands it. A bare `+09:00` would mean nine hours *west* there (POSIX), so a fixed offset is
 * spelled out with its sign turned round.
 */
export function postgresZone(zone: string): string {
  const [, sign, hours, minutes] = fixedOffset.exec(zone) ?? [];
  if (sign === undefined) return zone;
  return `<${sign}${hours}${minutes}>${sign === "+" ? "-" : "+"}${hours}:${minutes}`;
}
