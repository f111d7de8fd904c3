import { listedReasons } from "#lib/notifications/news.ts";
import { countsOf, type ReasonCounts } from "#lib/notifications/reason-counts.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { Attempt } from "#testing/simulated-time.ts";

/** A notification with who was told of it, as it stands in the database when a story has ended. */
export type Entry = {
  channelId: string;
  type: string;
  key: string;
  reason: ErrorReason;
  detail: string;
  detectedAt: Date;
  closedAt: Date;
  errorCount: number;
  reasons: ReasonCounts;
  untold: string | null;
  toldAs: string | null;
  ceasedSince: Date | null;
  heldCount: number;
  /** Who was told when and how: `Admin`, `10:13:20`, `mail`. */
  tellings: { who: string; at: string; how: string }[];
};

type Line = { first: Entry; last: Entry; entries: Entry[] };

const untoldWords: Record<string, string> = {
  reminder_pause: "held",
  not_approved: "nobody: the function is withdrawn",
  before_approval: "nobody: it began before the approval",
  outage_untold: "nobody: the outage was not notified",
  nobody: "nobody has these emails on",
};

const toldWords: Record<string, string> = {
  ceased: "deliveries have ceased",
  first: "first of its kind",
  reason: "another reason",
  rise: "ten times as many",
  reminder: "reminder",
};

const typeWords: Record<string, string> = {
  redelivery_stopped: "redelivery stopped: ",
  endpoint_failing: "keeps failing: ",
};

export function timeOf(at: Date, start: Date): string {
  const seconds = Math.floor((at.getTime() - start.getTime()) / 1_000);
  const days = Math.floor(seconds / 86_400);
  const time = new Date((seconds % 86_400) * 1_000).toISOString().slice(11, 19);
  const short = time.endsWith(":00") ? time.slice(0, 5) : time;
  return days === 0 ? short : `day ${days + 1} ${short}`;
}

/**
 * The rows of one story: windows in the order of their time, those of many channels that are alike in one row, and runs of
 * windows that were held likewise in one.
 */
export function tableOf(
  entries: readonly Entry[],
  attempts: readonly Attempt[],
  start: Date,
): string {
  const rows = gather(entries, start).map((line) => {
    const { first, last } = line;
    const to = first.detectedAt < last.detectedAt ? ` to ${timeOf(last.closedAt, start)}` : "";
    return [
      `${timeOf(beginOf(first), start)}${to}`,
      countedText(line),
      first.type === "recovered" ? "" : String(deliveredIn(line, attempts)),
      fateOf(first, start),
    ];
  });
  const lines = [
    ["window from", "counted", "delivered", "who is notified"],
    ["---", "---", "---", "---"],
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function gather(entries: readonly Entry[], start: Date): Line[] {
  const lines: Line[] = [];
  const within = (entry: Entry) => `${entry.key} ${entry.type}`;
  const byTime = entries.toSorted(
    (a, b) => beginOf(a).getTime() - beginOf(b).getTime() || (within(a) < within(b) ? -1 : 1),
  );
  for (const entry of byTime) {
    const name = nameOf(entry, start);
    const line = lines.findLast(
      (one) => one.first.type === entry.type && one.first.key === entry.key,
    );
    const isAlike = line !== undefined && nameOf(line.first, start) === name;
    if (isAlike) {
      line.entries.push(entry);
      line.last = entry;
    } else lines.push({ first: entry, last: entry, entries: [entry] });
  }
  return lines;
}

/** What two windows of one row have in common. Windows that were told are alike only when they were told together. */
const nameOf = (entry: Entry, start: Date): string =>
  [entry.type, Object.keys(countsOf(entry)).sort(), fateOf(entry, start)].join(" ");

/** A recovery is one of the moment when the outage ended. */
const beginOf = ({ type, detectedAt, closedAt }: Entry): Date =>
  type === "recovered" ? closedAt : detectedAt;

function countedText({ first, entries }: Line): string {
  const channelCount = new Set(entries.map(({ channelId }) => channelId)).size;
  const windows = entries.length / channelCount;
  const sums: ReasonCounts = {};
  for (const entry of entries) {
    for (const [name, count] of Object.entries(countsOf(entry)))
      sums[name] = (sums[name] ?? 0) + count;
  }
  if (first.type === "recovered")
    return `recovered${channelCount > 1 ? `, ${channelCount} channels` : ""}`;
  const counts = listedReasons(sums).map(
    ([name, count]) => `${count} × ${name.slice(name.indexOf(" ") + 1)}`,
  );
  const many = [
    ...(channelCount > 1 ? [`${channelCount} channels`] : []),
    ...(windows > 1 ? [`${Math.ceil(windows)} windows`] : []),
  ];
  const where = many.length === 0 ? "" : ` in ${many.join(", ")}`;
  return `${typeWords[first.type] ?? ""}${counts.join(", ")}${where}`;
}

function deliveredIn({ entries, first, last }: Line, attempts: readonly Attempt[]): number {
  const channelIds = new Set(entries.map(({ channelId }) => channelId));
  const isWithin = ({ channelId, at, as }: Attempt): boolean =>
    as === "delivered" && channelIds.has(channelId) && at >= first.detectedAt && at < last.closedAt;
  return attempts.filter(isWithin).length;
}

function fateOf(entry: Entry, start: Date): string {
  if (entry.untold !== null) return untoldWords[entry.untold] ?? entry.untold;
  const told = [...new Set(entry.tellings.map(({ at }) => at))]
    .map((at) => `${at} ${waysAt(entry, at)}`)
    .join(", ");
  const since = entry.ceasedSince === null ? "" : ` since ${timeOf(entry.ceasedSince, start)}`;
  const why =
    entry.toldAs === null
      ? ""
      : `: ${toldWords[entry.toldAs]}${entry.toldAs === "ceased" ? since : ""}`;
  const held = entry.heldCount === 0 ? "" : `, with ${entry.heldCount} held before`;
  return `${told}${why}${held}`;
}

/** `mail to Admin, channel; alert`. */
function waysAt({ tellings }: Entry, at: string): string {
  const now = tellings.filter((one) => one.at === at);
  return [...new Set(now.map(({ how }) => how))]
    .sort((a, b) => (a === "alert" ? 1 : 0) - (b === "alert" ? 1 : 0))
    .map((how) => {
      const who = now.filter((one) => one.how === how).map((one) => one.who);
      return how === "alert" ? how : `${how} to ${who.join(", ")}`;
    })
    .join("; ");
}
