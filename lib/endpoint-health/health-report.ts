import { can } from "#lib/members/permissions.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import {
  type EndpointHealth,
  type FailingPolicy,
  type HealthReport,
  recoveredShownMs,
  usedPercent,
  warningPercents,
} from "./schema.ts";

/**
 * What the pages of a channel tell a person about its bot server: that sending is suspended, that the first warning is
 * reached, that it recovered within a day; null when there is nothing to tell, or not to this role.
 */
export function healthReport(
  health: EndpointHealth,
  role: ChannelRole,
  {
    policy,
    now,
    isShownFailing,
  }: {
    policy: FailingPolicy;
    now: Date;
    /** The channel is still shown as failing: that it recovered is told when it no longer is. */
    isShownFailing: boolean;
  },
): HealthReport | null {
  if (!can(role, "see_errors")) return null;
  switch (health.state) {
    case "delivering": {
      const { recovered } = health;
      const isNews =
        recovered !== null &&
        !isShownFailing &&
        now.getTime() - recovered.recoveredAt.getTime() < recoveredShownMs;
      return isNews ? { kind: "recovered", ...recovered } : null;
    }
    case "failing": {
      const percent = usedPercent(health, policy.limitMs);
      if (percent < warningPercents[0]) return null;
      const { state: _, ...outage } = health;
      const limitAt = new Date(health.since.getTime() + policy.limitMs);
      return { kind: "failing", percent, limitAt, suspends: policy.suspends, ...outage };
    }
    case "suspended": {
      const { state: _, ...outage } = health;
      return { kind: "suspended", canResume: can(role, "manage_messaging_api"), ...outage };
    }
  }
}
