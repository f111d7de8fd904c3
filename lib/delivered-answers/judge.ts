import { readHead } from "./answer-head.ts";
import { cutHeaders } from "./cut-headers.ts";
import { doubtOf } from "./doubt-of.ts";
import { type Habit, learn, newHabit } from "./habit.ts";
import {
  type Doubt,
  type JudgedAnswer,
  keptPerMinute,
  keptPerSecond,
  type SuccessfulAnswer,
} from "./schema.ts";

/** Says of each delivered attempt's answer what is written down of it. */
export type AnswerJudge = (
  webhook: { channelId: string; url: string | null },
  answer: SuccessfulAnswer,
) => JudgedAnswer;

type Counts = { any: number; doubtful: number };
type Known = { url: string | null; habit: Habit; since: number; kept: Counts };

/** Channels remembered at once, about 200 bytes each; at more, all are learned anew. */
const channelsMax = 50_000;
const minuteMs = 60_000;
const secondMs = 1_000;
/** Most answers. */
const nothing: JudgedAnswer = { doubt: null, kept: null };

/**
 * Judges the answers that one worker gets. What is usual of a channel it learns by itself, for one URL, and forgets when it ends.
 * The first answer of each channel and minute is kept, of doubtful ones some more. `clock` in ms, of any beginning.
 */
export function createAnswerJudge(clock: () => number = () => performance.now()): AnswerJudge {
  const channels = new Map<string, Known>();
  const everywhere = { since: clock(), kept: { any: 0, doubtful: 0 } };

  const knownOf = (channelId: string, url: string | null, now: number): Known => {
    const known = channels.get(channelId);
    if (known !== undefined && known.url === url) return known;
    if (known === undefined && channels.size >= channelsMax) channels.clear();
    const fresh: Known = { url, habit: newHabit(), since: now, kept: { any: 0, doubtful: 0 } };
    channels.set(channelId, fresh);
    return fresh;
  };

  return ({ channelId, url }, answer) => {
    const now = clock();
    const known = knownOf(channelId, url, now);
    const head = readHead(answer.headers);
    const doubt = doubtOf(answer, head, known.habit.usual);
    learn(known.habit, answer, head, doubt);
    startAnew(known, now, minuteMs);
    startAnew(everywhere, now, secondMs);
    const isKept = takePlace(doubt, known.kept, everywhere.kept);
    if (doubt === null && !isKept) return nothing;
    const { headers, body } = answer;
    return { doubt, kept: isKept ? { headers: cutHeaders(headers), body } : null };
  };
}

function startAnew(counted: { since: number; kept: Counts }, now: number, spanMs: number): void {
  if (now - counted.since < spanMs) return;
  counted.since = now;
  counted.kept.any = 0;
  counted.kept.doubtful = 0;
}

/** Any answer may take the place of its minute; a doubtful one has places of its own besides. */
function takePlace(doubt: Doubt | null, ofChannel: Counts, ofAll: Counts): boolean {
  const kinds = doubt === null ? (["any"] as const) : (["any", "doubtful"] as const);
  const kind = kinds.find(
    (one) => ofChannel[one] < keptPerMinute[one] && ofAll[one] < keptPerSecond[one],
  );
  if (kind === undefined) return false;
  ofChannel[kind] += 1;
  ofAll[kind] += 1;
  return true;
}
