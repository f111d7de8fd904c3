import type { LiveHub } from "#lib/live/hub.ts";
import type { Reading } from "#lib/reading/open-reading.ts";
import type { openAnswerFirst } from "./answer-first.ts";
import type { Pulse } from "./pulse.ts";

/**
 * What pages, routes and the proxy of one process share: they are bundled apart and have only `globalThis` in common. Here
 * is none of the code that opens it, so that the proxy can ask without carrying a database along.
 */
export const sharedRooms: typeof globalThis & {
  tocsinLiveHub?: LiveHub;
  tocsinReading?: Reading;
  tocsinPulse?: Pulse;
  /** Of engine/start/answer-first.mjs. */
  tocsinFirst?: { answer: Awaited<ReturnType<typeof openAnswerFirst>> | undefined };
} = globalThis;
