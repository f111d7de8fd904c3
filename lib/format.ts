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

type Parts = { day: string; time: string; millis: string; zone: string };

/** Between these no zone changes its offset but on a whole quarter of an hour, and years have four digits. */
const [steadyFrom, steadyTo] = [Date.UTC(1973), Date.UTC(9999)];
const quarterMs = 900_000;

/** Offsets of quarters of an hour: a page shows hundreds of times, and asking Intl for each costs a hundred times as much. */
const offsets = new Map<string, { ms: number; zone: string }>();
const offsetsMax = 5_000;

function partsOf(date: Date, timeZone: string): Parts {
  const at = date.getTime();
  if (!(at >= steadyFrom && at < steadyTo)) return readParts(date, timeZone);
  const { ms, zone } = offsetAt(at, timeZone);
  const text = new Date(at + ms).toISOString();
  return { day: text.slice(0, 10), time: text.slice(11, 19), millis: text.slice(20, 23), zone };
}

function offsetAt(at: number, timeZone: string): { ms: number; zone: string } {
  const quarter = Math.floor(at / quarterMs) * quarterMs;
  const key = `${quarter} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const { zone } = readParts(new Date(quarter), timeZone);
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const sum = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const made = { ms: sign === "-" ? -sum : sum, zone };
  if (offsets.size >= offsetsMax) offsets.clear();
  offsets.set(key, made);
  return made;
}

function readParts(date: Date, timeZone: string): Parts {
  const parts = formatterOf(timeZone).formatToParts(date);
  const part = (name: Intl.DateTimeFormatPartTypes) =>
    parts.find(({ type }) => type === name)?.value ?? "";
  return {
    day: `${part("year")}-${part("month")}-${part("day")}`,
    time: `${part("hour")}:${part("minute")}:${part("second")}`,
    millis: part("fractionalSecond"),
    zone: part("timeZoneName"),
  };
}

/** `2026-11-22` */
export function formatDate(date: Date, timeZone: string): string {
  return partsOf(date, timeZone).day;
}

/** `10:41:07` */
export function formatTime(date: Date, timeZone: string): string {
  return partsOf(date, timeZone).time;
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
  const { time, millis } = partsOf(date, timeZone);
  return `${time}.${millis}`;
}

/** The zone's offset at that moment: `UTC+9`, `UTC-3:30`, `UTC`. */
export function formatOffset(date: Date, timeZone: string): string {
  const [, sign, hours, minutes] =
    /^GMT([+-])(\d\d):(\d\d)/.exec(partsOf(date, timeZone).zone) ?? [];
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

const countFormatters = new Map<string, Intl.NumberFormat>();

/** `2,418` */
export function formatCount(count: number, locale: string): string {
  const known = countFormatters.get(locale) ?? new Intl.NumberFormat(locale);
  countFormatters.set(locale, known);
  return known.format(count);
}
