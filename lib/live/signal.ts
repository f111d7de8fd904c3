import type { Pool } from "pg";
import type { LiveTopic } from "./schema.ts";

/** The database's channel on which changes are told to consoles. */
export const liveChannel = "tocsin_live";

/** Changes of this stretch are told together: a busy worker costs the database four small statements a second. */
const gatherMs = 250;
/** A NOTIFY carries less than 8,000 bytes; a channel id is ten digits. */
const idsMax = 600;

export type LiveSignal = {
  /** Something changed in these channels. Costs nothing here; told a moment later. */
  tell: (topic: LiveTopic, channelIds: Iterable<string>) => void;
  stop: () => Promise<void>;
};

/**
 * Tells consoles which channels changed, each at most once per 250 ms however much happened. Outside of the recording
 * transactions on purpose: a NOTIFY holds a lock over its transaction's commit, which would make all recording wait in
 * one line. What is lost with a crash or a broken connection is only told late: viewers look again by themselves.
 */
export function createLiveSignal(pool: Pool, onFailure: (error: unknown) => void): LiveSignal {
  const changed = new Map<LiveTopic, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();

  const send = async (): Promise<void> => {
    timer = undefined;
    const payloads = [...changed].flatMap(([topic, ids]) => composePayloads(topic, [...ids]));
    changed.clear();
    if (payloads.length === 0) return;
    await pool
      .query({
        name: "live_signal",
        text: `select pg_notify('${liveChannel}', payload) from unnest($1::text[]) as payload`,
        values: [payloads],
      })
      .catch(onFailure);
  };

  return {
    tell: (topic, channelIds) => {
      const ids = changed.get(topic) ?? new Set();
      changed.set(topic, ids);
      for (const id of channelIds) ids.add(id);
      if (ids.size === 0) return;
      timer ??= setTimeout(() => {
        under = under.then(send);
      }, gatherMs);
    },
    stop: () => {
      clearTimeout(timer);
      under = under.then(send);
      return under;
    },
  };
}

function composePayloads(topic: LiveTopic, ids: readonly string[]): string[] {
  const payloads: string[] = [];
  for (let from = 0; from < ids.length; from += idsMax) {
    payloads.push(`${topic}:${ids.slice(from, from + idsMax).join(",")}`);
  }
  return payloads;
}

/** What a payload says; nothing for one of another make. */
export function readPayload(payload: string): { topic: string; channelIds: string[] } {
  const [topic = "", ids = ""] = payload.split(":");
  return { topic, channelIds: ids === "" ? [] : ids.split(",") };
}
