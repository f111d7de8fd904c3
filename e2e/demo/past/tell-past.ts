import type { Fault, Story } from "./story.ts";

/** One attempt; `fault` null: it was delivered, answered after `answerMs`. */
export type PastAttempt = { startedAt: Date; fault: Fault | null; answerMs: number };
export type PastWebhook = {
  acceptedAt: Date;
  state: "delivered" | "stopped" | "failed";
  attempts: readonly PastAttempt[];
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Days and their hours are those of Japan, where times are shown in unless DISPLAY_TIME_ZONE says otherwise. */
const zoneMs = 9 * hourMs;
/** Webhooks in each hour of the day, such as a shop has them; any one day has half as many or half as many more. */
const perHour = [1, 0, 0, 1, 1, 2, 4, 6, 5, 4, 5, 7, 8, 6, 5, 4, 5, 6, 7, 6, 4, 2, 1, 1];
/** Seconds from an attempt that failed to the next, as the demo sets REDELIVERY_SCHEDULE. */
const gapsS = [5, 15, 30] as const;

export type Past = {
  from: Date;
  /** All of it has ended by then. */
  to: Date;
  /** Whether Webhook redelivery is on. */
  isRedelivered: boolean;
  /** Numbers in [0, 1). */
  random: () => number;
};

/** What came to a channel in the past and what became of it, oldest first. */
export function* tellPast(story: Story, past: Past): Generator<PastWebhook> {
  for (let hour = past.from.getTime(); hour < past.to.getTime(); hour += hourMs) {
    const usual = perHour[new Date(hour + zoneMs).getUTCHours()] ?? 0;
    const count = Math.round(usual * (0.5 + past.random()));
    const offsets = Array.from({ length: count }, () => past.random() * hourMs).sort(
      (a, b) => a - b,
    );
    for (const offset of offsets) {
      const webhook = tellWebhook(story, past, hour + offset);
      const last = webhook.attempts.at(-1);
      // What may not have ended by now is left to the live traffic.
      if (last !== undefined && last.startedAt.getTime() + 5_000 < past.to.getTime()) yield webhook;
    }
  }
}

function tellWebhook(story: Story, past: Past, acceptedMs: number): PastWebhook {
  const attempts: PastAttempt[] = [];
  let at = acceptedMs + 4;
  for (const gapS of past.isRedelivered ? [...gapsS, null] : [null]) {
    const fault = faultAt(story, past, at);
    // Most answers come near the median, a few take several times as long, none as long as a time-out.
    const spread = Math.exp((past.random() + past.random() + past.random() - 1.5) * 1.6);
    const answerMs = Math.min(Math.round(story.answerMs * spread * 10) / 10, 1_900);
    attempts.push({ startedAt: new Date(at), fault, answerMs });
    if (fault === null) return { acceptedAt: new Date(acceptedMs), state: "delivered", attempts };
    if (gapS !== null) at += gapS * 1_000;
  }
  const state = past.isRedelivered ? "stopped" : "failed";
  return { acceptedAt: new Date(acceptedMs), state, attempts };
}

/** Of the chapter that is on, if its share has it so; else now and then one of those that happen always. */
function faultAt(story: Story, { to, random }: Past, at: number): Fault | null {
  const chapter = story.chapters.find((one) => {
    const begins = startOf(one, to);
    return at >= begins && (one.hours === null || at < begins + one.hours * hourMs);
  });
  if (chapter !== undefined && random() < chapter.share) return chapter.fault;
  let drawn = random();
  for (const { share, fault } of story.always) {
    if (drawn < share) return fault;
    drawn -= share;
  }
  return null;
}

/** When a chapter began, in ms: at its hour of the day that lies so many days before `to`. */
export function startOf({ daysAgo, hour }: { daysAgo: number; hour: number }, to: Date): number {
  const midnight = Math.floor((to.getTime() + zoneMs) / dayMs) * dayMs - zoneMs;
  return midnight - daysAgo * dayMs + hour * hourMs;
}
