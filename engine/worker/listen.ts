import pg from "pg";
import { workChannel } from "#lib/deliveries/accept.ts";
import type { Log } from "#lib/log.ts";

export type Listener = { stop: () => Promise<void> };

const reconnectMs = 1_000;

/** Calls `onWork` when intake has committed something. A lost connection is made anew; meanwhile the loop polls. */
export function listenForWork(url: string, onWork: () => void, log: Log): Listener {
  let stopped = false;
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;

  const retry = (): void => {
    if (stopped || again !== undefined) return;
    again = setTimeout(() => {
      again = undefined;
      void connect();
    }, reconnectMs);
  };

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: "tocsin listener",
      keepAlive: true,
    });
    client = fresh;
    fresh.on("notification", onWork);
    fresh.on("error", (error) =>
      log.warn({ err: error }, "the listening connection broke; connecting again"),
    );
    fresh.on("end", retry);
    try {
      await fresh.connect();
      await fresh.query(`listen ${workChannel}`);
      onWork();
    } catch (error) {
      log.warn({ err: error }, "cannot listen for work; trying again");
      await fresh.end().catch(() => undefined);
      retry();
    }
  };

  void connect();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
}
