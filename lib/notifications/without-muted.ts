import { isWindow } from "./outage.ts";
import { countsOf } from "./reason-counts.ts";
import type { SettledNotification } from "./schema.ts";

/**
 * What is left of a notification without the muted problems of its channel (`problemName` is `reasonKey`): whether people are
 * told hangs on that alone. `isMuted`: nothing is left. A window that is told for something else still counts all its errors.
 */
export function withoutMuted(
  one: SettledNotification,
  muted: ReadonlySet<string> | undefined,
): { left: SettledNotification; isMuted: boolean } {
  if (muted === undefined || !isWindow(one)) return { left: one, isMuted: false };
  const counts = Object.entries(countsOf(one));
  const left = counts.filter(([name]) => !muted.has(name));
  if (left.length === counts.length) return { left: one, isMuted: false };
  return { left: { ...one, reasons: Object.fromEntries(left) }, isMuted: left.length === 0 };
}
