import { setTimeout as pause } from "node:timers/promises";
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  type Ending,
  startEmbeddedDatabase,
} from "#prisma/embedded-database.ts";

export type DatabasePartOptions = EmbeddedDatabaseOptions & {
  say: (line: string) => void;
  rule?: RestartRule;
};

/** The embedded PostgreSQL as a part of the product: started again when it ends by itself, always under the same URL. */
export type DatabasePart = {
  url: string;
  pid: () => number | undefined;
  /** Resolves, with words for the operator, when starting it again does not help; never otherwise. */
  failed: Promise<string>;
  stop: () => Promise<void>;
};

export type RestartRule = {
  /** Before each further start; the last one repeats. */
  pausesMs: readonly number[];
  /** So many ends or failed starts within `withinMs` and it is not started again. */
  endsMax: number;
  withinMs: number;
};

/**
 * A crash is over in seconds; a full disk may get room within two minutes. What lasts longer needs a person, or a machine
 * that begins the whole product anew.
 */
const restartRule: RestartRule = {
  pausesMs: [200, 1_000, 5_000, 15_000, 30_000],
  endsMax: 8,
  withinMs: 10 * 60_000,
};

/**
 * Runs the embedded PostgreSQL until `stop`.
 * @throws Error when its very first start fails.
 */
export async function runDatabase({
  say,
  rule = restartRule,
  signal,
  ...options
}: DatabasePartOptions): Promise<DatabasePart> {
  const stopping = new AbortController();
  let current: EmbeddedDatabase | undefined = await startEmbeddedDatabase({
    ...options,
    ...(signal === undefined ? {} : { signal }),
  });
  const { url } = current;
  const again = { ...options, port: Number(new URL(url).port), isPortFixed: true };

  const startAgain = async (): Promise<string> => {
    try {
      current = await startEmbeddedDatabase(again);
      say("the embedded PostgreSQL accepts connections again");
      return describeEnding(await current.ended);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  /** Resolves with why it was given up, or null once it is to stop. */
  const keepRunning = async (first: EmbeddedDatabase): Promise<string | null> => {
    let endedAt: number[] = [];
    let how = describeEnding(await first.ended);
    for (;;) {
      current = undefined;
      if (stopping.signal.aborted) return null;
      const now = performance.now();
      endedAt = [...endedAt, now].filter((at) => now - at < rule.withinMs);
      const recent = endedAt.length;
      if (recent >= rule.endsMax) return describeFailure(how, rule);
      const pauseMs = rule.pausesMs[Math.min(recent, rule.pausesMs.length) - 1] ?? 0;
      say(`${how}\nStarting it again in ${pauseMs / 1_000} s (${recent} of ${rule.endsMax})`);
      await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return null;
      how = await startAgain();
    }
  };

  const kept = keepRunning(current);
  return {
    url,
    pid: () => current?.pid,
    failed: new Promise((settle) => {
      void kept.then((why) => {
        if (why !== null) settle(why);
      });
    }),
    stop: async () => {
      stopping.abort();
      // A start that is under way cannot be called off; what it started is stopped.
      const ended = kept.then(() => true);
      do await current?.stop();
      while (!(await Promise.race([ended, pause(100, false)])));
    },
  };
}

function describeEnding({ how, lastWords }: Ending): string {
  const words =
    lastWords === "" ? "; it printed nothing" : `; its last output:\n${indent(lastWords)}`;
  return `The embedded PostgreSQL stopped unexpectedly (${how})${words}`;
}

function describeFailure(how: string, { endsMax, withinMs }: RestartRule): string {
  return (
    `${how}\nThe embedded PostgreSQL stopped or failed to start ${endsMax} times within ${withinMs / 60_000} minutes. ` +
    "Tocsin stops: fix what its output names (disk space, memory), then start again. Everything that was accepted is in DATA_DIR."
  );
}

const indent = (text: string): string => text.replace(/^/gm, "  ");
