import type { Waiting } from "./loop.ts";
import type { Admission } from "./places.ts";

/** What waits of one key, oldest first. */
type Line<T> = {
  key: string;
  items: T[];
  /** Why it stands aside, as far as it does. */
  state: "ready" | "full" | "wait";
  /** It was called crowded, until so few are left; null: it was not. */
  lowAt: number | null;
};

export type Turns<T> = Waiting<T> & {
  /** Something of the key has ended: it may have a place again. */
  freed: (key: string) => void;
  /** How many of the key wait. */
  waitingOf: (key: string) => number;
  /** How many of all wait for a slot that others have. */
  wanted: () => number;
  /** Keys of which enough waits: more than half of what may wait. */
  crowded: (maxOf: (key: string) => number) => string[];
};

/**
 * What was claimed and has not begun. Keys take turns, each in its own order; one that may not begin stands aside, so that
 * nobody waits behind it, until something of it has ended or `retry` lets all try again. Each step costs the same however
 * many wait.
 */
export function createTurns<T>(options: {
  keyOf: (item: T) => string;
  verdict: (item: T) => Admission;
  /** There is a slot at all. */
  hasSlot: () => boolean;
  /** Of a key that was crowded only half as much is left. */
  onLow: () => void;
}): Turns<T> {
  const lines = new Map<string, Line<T>>();
  const ready: Line<T>[] = [];
  const aside = new Set<Line<T>>();
  const counts = { ready: 0, full: 0, wait: 0 };

  const move = (line: Line<T>, state: Line<T>["state"]): void => {
    counts[line.state] -= line.items.length;
    counts[state] += line.items.length;
    line.state = state;
    if (state === "ready") {
      aside.delete(line);
      ready.push(line);
    } else {
      aside.add(line);
    }
  };

  const take = (line: Line<T>): T | undefined => {
    const item = line.items.shift();
    counts[line.state] -= 1;
    if (line.items.length > 0) ready.push(line);
    else lines.delete(line.key);
    if (line.lowAt !== null && line.items.length <= line.lowAt) {
      line.lowAt = null;
      options.onLow();
    }
    return item;
  };

  const push = (item: T): void => {
    const key = options.keyOf(item);
    let line = lines.get(key);
    if (line === undefined) {
      line = { key, items: [], state: "ready", lowAt: null };
      lines.set(key, line);
      ready.push(line);
    }
    line.items.push(item);
    counts[line.state] += 1;
  };

  return {
    push: (items) => {
      for (const item of items) push(item);
    },
    shift: () => {
      while (options.hasSlot()) {
        const line = ready.shift();
        const item = line?.items[0];
        if (line === undefined || item === undefined) return undefined;
        const verdict = options.verdict(item);
        if (verdict === "begin") return take(line);
        move(line, verdict);
      }
      return undefined;
    },
    clear: () => {
      const items = [...lines.values()].flatMap((line) => line.items);
      lines.clear();
      ready.length = 0;
      aside.clear();
      Object.assign(counts, { ready: 0, full: 0, wait: 0 });
      return items;
    },
    length: () => counts.ready + counts.full + counts.wait,
    aside: () => counts.full + counts.wait,
    retry: () => {
      for (const line of [...aside]) move(line, "ready");
    },
    freed: (key) => {
      const line = lines.get(key);
      if (line !== undefined && line.state !== "ready") move(line, "ready");
    },
    waitingOf: (key) => lines.get(key)?.items.length ?? 0,
    wanted: () => counts.ready + counts.wait,
    crowded: (maxOf) => {
      const crowded: string[] = [];
      for (const line of lines.values()) {
        const lowAt = maxOf(line.key) / 2;
        if (line.items.length <= lowAt) continue;
        line.lowAt = lowAt;
        crowded.push(line.key);
      }
      return crowded;
    },
  };
}
