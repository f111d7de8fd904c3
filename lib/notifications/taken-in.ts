import { nameInMailsLengthMax, toHeaderSafe } from "#lib/outbox/header-safe.ts";
import type { Taken } from "#lib/problems/read-taken.ts";
import { listedReasons } from "./news.ts";
import { isWindow } from "./outage.ts";
import { countsOf, reasonKey, reasonOf } from "./reason-counts.ts";
import { isFailure, type SettledNotification, type TakenProblem } from "./schema.ts";

/** Who is on the problems that a notification tells of, those with most errors first. */
export function takenIn(one: SettledNotification, taken: Taken): TakenProblem[] {
  const ofChannel = taken.get(one.channelId);
  if (ofChannel === undefined || !isFailure(one.type)) return [];
  const names = isWindow(one)
    ? listedReasons(countsOf(one)).map(([name]) => name)
    : [reasonKey(one)];
  return names.flatMap((name) => {
    const setBy = ofChannel.get(name);
    if (setBy === undefined) return [];
    const by = setBy.by === null ? null : toHeaderSafe(setBy.by, nameInMailsLengthMax);
    return { ...reasonOf(name), by, at: setBy.at };
  });
}
