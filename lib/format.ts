// Times as people read them. Pure: what is shown depends on the arguments only, never on where the code runs.

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Building a formatter costs more than using it a thousand times. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "longOffset",
  });
  formatters.set(timeZone, made);
  return made;
}

function partsOf(date: Date, timeZone: string): (name: Intl.DateTimeFormatPartTypes) => string {
  const parts = formatterOf(timeZone).formatToParts(date);
  return (name) => parts.find((part) => part.type === name)?.value ?? "";
}

/** `2026-11-22` */
export function formatDate(date: Date, timeZone: string): string {
  const part = partsOf(date, timeZone);
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** `10:41:07` */
export function formatTime(date: Date, timeZone: string): string {
  const part = partsOf(date, timeZone);
  return `${part("hour")}:${part("minute")}:${part("second")}`;
}

/** `10:41` */
export function formatMinute(date: Date, timeZone: string): string {
  return formatTime(date, timeZone).slice(0, 5);
}

/** `11-22 10:41`; `10:41` where `now` is on the same day in that zone. */
export function formatDayMinute(date: Date, timeZone: string, now?: Date): string {
  const day = formatDate(date, timeZone);
  const time = formatMinute(date, timeZone);
  const isToday = now !== undefined && day === formatDate(now, timeZone);
  return isToday ? time : `${day.slice(5)} ${time}`;
}

/** `10:41:58.204` */
export function formatMillis(date: Date, timeZone: string): string {
  return `${formatTime(date, timeZone)}.${partsOf(date, timeZone)("fractionalSecond")}`;
}

/** The zone's offset at that moment: `UTC+9`, `UTC-3:30`, `UTC`. */
export function formatOffset(date: Date, timeZone: string): string {
  const [, sign, hours, minutes] =
    /^GMT([+-])(\d\d):(\d\d)/.exec(partsOf(date, timeZone)("timeZoneName")) ?? [];
  if (sign === undefined || (hours === "00" && minutes === "00")) return "UTC";
  return `UTC${sign}${Number(hours)}${minutes === "00" ? "" : `:${minutes}`}`;
}

/** `2026-11-22 10:41:07 UTC+9`: complete, so that it can be quoted in a mail. */
export function formatDateTime(date: Date, timeZone: string): string {
  return `${formatDate(date, timeZone)} ${formatTime(date, timeZone)} ${formatOffset(date, timeZone)}`;
}

/** The short name of a day of the week: 1 is Monday, 7 is Sunday. */
export function formatWeekday(weekday: number, locale: string): string {
  // 1 January 2024 was a Monday.
  const day = new Date(Date.UTC(2024, 0, weekday));
  return new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(day);
}

/** `2,418` */
export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}
