import { setTimeout as pause } from "node:timers/promises";
import { newEventId, type PlatformClient } from "./platform-client.ts";

export type Load = {
  /** Webhook ids by event id, of what was answered with 202. */
  accepted: Map<string, string>;
  /** Events that their sender gave up on without an answer that says anything. */
  doubtful: Set<string>;
  /** Whom each event was sent to, whatever became of it. */
  channelOf: Map<string, string>;
  /** Events that were answered with two webhook ids. */
  contradicted: Set<string>;
  /** How often each status came; 0: no answer. */
  answers: Map<number, number>;
  /** The longest that any answer took. */
  slowestMs: number;
  /** Of 503, those without Retry-After. */
  withoutRetryAfter: number;
  /** Resolves when `total` are through. */
  done: Promise<void>;
  stop: () => Promise<void>;
};

/**
 * Clients that post one event after the other, each again with its key until it is accepted. `givesUp` says of which
 * events the sender stops asking after an answer that was lost.
 */
export function startLoad(options: {
  client: () => PlatformClient;
  channelIds: readonly string[];
  clients: number;
  total?: number;
  /** Between two events of one client. */
  pauseMs?: number;
  limitMs?: number;
  givesUp?: () => boolean;
  /** Of which events the sender asks once more after a 202, as if it had lost the answer. */
  asksAgain?: () => boolean;
}): Load {
  const { channelIds, total = Number.POSITIVE_INFINITY } = options;
  const { givesUp = () => false, asksAgain = () => false } = options;
  let running = true;
  let begun = 0;
  const load: Load = {
    accepted: new Map(),
    doubtful: new Set(),
    channelOf: new Map(),
    contradicted: new Set(),
    answers: new Map(),
    slowestMs: 0,
    withoutRetryAfter: 0,
    done: Promise.resolve(),
    stop: async () => {
      running = false;
      await load.done;
    },
  };
  const count = (status: number): void => {
    load.answers.set(status, (load.answers.get(status) ?? 0) + 1);
  };
  const tryOnce = async (channelId: string, eventId: string): Promise<number> => {
    const since = performance.now();
    try {
      const answer = await options
        .client()
        .post(channelId, eventId, { limitMs: options.limitMs ?? 30_000 });
      if (answer.status === 202) {
        const id = String(answer.json().webhookId);
        if ((load.accepted.get(eventId) ?? id) !== id) load.contradicted.add(eventId);
        load.accepted.set(eventId, id);
      }
      if (answer.status === 503 && !answer.headers.has("retry-after")) load.withoutRetryAfter += 1;
      return answer.status;
    } catch {
      return 0;
    } finally {
      load.slowestMs = Math.max(load.slowestMs, performance.now() - since);
    }
  };
  const send = async (channelId: string): Promise<void> => {
    const eventId = newEventId();
    const stopsAsking = givesUp();
    load.channelOf.set(eventId, channelId);
    for (;;) {
      const status = await tryOnce(channelId, eventId);
      count(status);
      if (status === 202) {
        if (asksAgain()) await tryOnce(channelId, eventId);
        return;
      }
      if (stopsAsking || !running) {
        load.doubtful.add(eventId);
        return;
      }
      await pause(50);
    }
  };
  const client = async (): Promise<void> => {
    while (running && begun < total) {
      const channelId = channelIds[begun++ % channelIds.length] ?? "";
      await send(channelId);
      if (options.pauseMs !== undefined) await pause(options.pauseMs);
    }
  };
  load.done = Promise.all(Array.from({ length: options.clients }, client)).then(() => undefined);
  return load;
}
