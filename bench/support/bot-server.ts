import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

export type BotServer = {
  url: string;
  count: () => Promise<number>;
  /** From now on bodies and arrival times (ms since the epoch, with fractions) are kept until asked for. */
  record: () => void;
  arrivals: () => Promise<[body: string, arrivedAtMs: number][]>;
  stop: () => void;
};

/** A bot server in a process of its own, so that it competes for the cores as a stranger would. */
export async function startBotServer(): Promise<BotServer> {
  const child: ChildProcess = fork(join(import.meta.dirname, "bot-server.mjs"));
  const answer = <T>(key: string): Promise<T> =>
    new Promise((settle) => {
      const listen = (message: Record<string, T>) => {
        const value = message[key];
        if (value === undefined) return;
        child.off("message", listen);
        settle(value);
      };
      child.on("message", listen);
    });
  const ask = <T>(key: string): Promise<T> => {
    const answered = answer<T>(key);
    child.send(key);
    return answered;
  };
  const port = await answer<number>("port");
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => ask("count"),
    record: () => child.send("record"),
    arrivals: () => ask("arrivals"),
    stop: () => child.disconnect(),
  };
}
