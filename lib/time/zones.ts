/** Every zone a person can pick, by its IANA name, in order. PostgreSQL knows each of them (a test asks it). */
export const timeZones: readonly string[] = [
  ...new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]),
].sort();

/** The zone under the one name that both Intl and PostgreSQL know it by; null when it is none. */
export function canonicalZone(zone: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    return timeZones.includes(timeZone) ? timeZone : null;
  } catch {
    return null;
  }
}
