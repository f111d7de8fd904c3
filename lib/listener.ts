import pg from "pg";
import { createBackoff } from "./backoff.ts";

export type ListenOptions = {
  url: string;
  /** As the database's activity lists the connection. */
  name: string;
  /** What to LISTEN to; plain lower-case identifiers. */
  channels: readonly string[];
  onMessage: (payload: string) => void;
  /** Listening from now on: what was told before was missed. */
  onListening: () => void;
  /** The connection broke or could not be made; it is being made anew. */
  onLost: (error: unknown) => void;
};

export type Listener = { stop: () => Promise<void> };

const pauseMinMs = 250;
const pauseMaxMs = 5_000;
/** A connection that a firewall forgot says nothing for ever, so it is asked something. */
const askEveryMs = 15_000;
const answerWithinMs = 5_000;

/** One connection that listens, made anew whenever it breaks, with growing pauses. */
export function listen(options: ListenOptions): Listener {
  let stopped = false;
  const backoff = createBackoff({ minMs: pauseMinMs, maxMs: pauseMaxMs });
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;

  const lose = (lost: pg.Client, error: unknown): void => {
    if (client !== lost) return;
    client = undefined;
    lost.end().catch(() => undefined);
    if (stopped) return;
    options.onLost(error);
    again = setTimeout(() => void connect(), backoff.next());
  };

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: options.url,
      application_name: options.name,
      keepAlive: true,
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    client = fresh;
    fresh.on("notification", (message) => options.onMessage(message.payload ?? ""));
    fresh.on("error", (error) => lose(fresh, error));
    fresh.on("end", () => lose(fresh, new Error("the connection ended")));
    try {
      await fresh.connect();
      for (const channel of options.channels) await fresh.query(`listen ${channel}`);
    } catch (error) {
      return lose(fresh, error);
    }
    if (client !== fresh || stopped) return;
    backoff.reset();
    options.onListening();
  };

  const asking = setInterval(() => {
    const asked = client;
    if (asked !== undefined) asked.query("select 1").catch((error: unknown) => lose(asked, error));
  }, askEveryMs);
  void connect();
  return {
    stop: async () => {
      stopped = true;
      clearInterval(asking);
      clearTimeout(again);
      const last = client;
      client = undefined;
      await last?.end().catch(() => undefined);
    },
  };
}
