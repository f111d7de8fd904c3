import { fork } from "node:child_process";
import { once } from "node:events";
import type { IdentityFiles, Place } from "#e2e/front-ends/place.ts";
import { programOf } from "#e2e/servers/programs.ts";

/** What reached the bot server since it was last asked. */
export type BotReport = {
  /** Different webhooks. */
  distinct: number;
  /** Copies with `isRedelivery: true`. */
  marked: number;
  /** Webhooks that came more than once with `isRedelivery: false`. */
  unmarkedTwice: number;
};

export type CountingBot = {
  port: number;
  /** The counts since it was last asked. */
  report: () => Promise<BotReport>;
};

export type CountingBotKind = "http" | "https" | "http2" | "one-at-a-time";

/** Starts a bot server in a process of its own; it ends with the place. */
export async function startCountingBot(
  place: Place,
  kind: CountingBotKind,
  tls?: IdentityFiles,
): Promise<CountingBot> {
  const files = tls ? [tls.cert, tls.key] : [];
  const program = await programOf('import "#e2e/front-ends/load/counting-bot.ts";');
  const child = fork(program, [kind, ...files], { execArgv: [] });
  place.onClose(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  const [port] = await once(child, "message");
  return {
    port: Number(port),
    report: async () => {
      const answer = once(child, "message");
      child.send("report");
      const [report] = await answer;
      return report as BotReport;
    },
  };
}
