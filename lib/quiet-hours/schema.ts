/** Hours in which no error mails come. */
export type QuietHours = {
  /** Minutes after midnight, never the same; hours that end before they begin go over midnight. */
  beginsAt: number;
  endsAt: number;
  /** On which they begin: 1 is Monday, 7 is Sunday. At least one. */
  weekdays: readonly number[];
  /** News that nothing is delivered any more come at once, even then. */
  outagesCome: boolean;
  /** Null: the zone that the installation shows by default. */
  timeZone: string | null;
};

/** What a form says; the zone is the account's where the form has none. */
export type ChosenHours = Omit<QuietHours, "timeZone">;

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** What the form proposes to whom has none. */
export const proposedHours: ChosenHours = {
  ...{ beginsAt: 22 * 60, endsAt: 7 * 60 },
  ...{ weekdays, outagesCome: true },
};

/** The box of a weekday: a field of its own, so that what was ticked comes back when the form is refused. */
export const weekdayField = (weekday: number): string => `weekday${weekday}`;

const clockText = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** `22:30` as minutes after midnight; null when it is no time. Browsers may add seconds. */
export function parseClock(text: string): number | null {
  const [, hours, minutes] = clockText.exec(text.slice(0, 5)) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** As parseClock takes it. */
export function formatClock(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
