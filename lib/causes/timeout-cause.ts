import { type CauseFacts, failsAlways } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";

/** So long without any attempt, and hosting that puts idle programs to sleep has done so. */
const idleMinMs = 600_000;
/** From so many attempts of late, and this share of time-outs among them, it is no longer a single slow answer. */
const attemptsMin = 5;
const mostlyShare = 0.5;

/** Why no answer came in time, as far as other attempts of the channel tell. */
export function timeoutCause(facts: CauseFacts): LikelyCause {
  const { channel } = facts;
  if (channel === null) return "slow_sometimes";
  if (channel.hasSeenHaproxy && channel.recent.timedOut > 0) return "stopped_behind_haproxy";
  if (wasIdle(facts)) return "cold_start";
  if (failsAlways(facts) && channel.lastDetail === facts.error.detail) return "never_answers";
  const { delivered, failed, timedOut } = channel.recent;
  const isMostly =
    delivered + failed >= attemptsMin && timedOut >= (delivered + failed) * mostlyShare;
  return isMostly ? "slow_mostly" : "slow_sometimes";
}

/** It has delivered before, and this is the first attempt for long. */
function wasIdle({ channel, startedAt }: CauseFacts): boolean {
  if (channel === null || channel.lastDeliveredAt === null) return false;
  const before = Math.max(channel.lastDeliveredAt.getTime(), channel.lastFailedAt?.getTime() ?? 0);
  return startedAt.getTime() - before >= idleMinMs;
}
