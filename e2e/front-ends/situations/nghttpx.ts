import { startBot, startMailServer } from "#e2e/front-ends/bots/answering-bot.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";
import { startNghttpx } from "#e2e/front-ends/servers/nghttpx.ts";
import { both, type Situation, status } from "./situation.ts";

const programs = ["nghttpx"] as const;

export const nghttpxSituations: readonly Situation[] = [
  {
    programs,
    what: "the bot server is down",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startNghttpx(place, { upstream: await ownPort() }),
  },
  {
    programs,
    what: "the bot server closes without an answer",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => ({
      ...(await startNghttpx(place, { upstream: await startBot(place) })),
      path: "/crash",
    }),
  },
  {
    programs,
    what: "`--backend` points at a server that does not speak HTTP",
    expected: both(status(502, "bot_down_behind_proxy")),
    start: async (place) => startNghttpx(place, { upstream: await startMailServer(place) }),
  },
  {
    programs,
    what: "the bot server does not answer within `--backend-read-timeout=1s`",
    expected: both(status(504, "bot_slow_behind_proxy")),
    start: async (place) => ({
      ...(await startNghttpx(place, {
        upstream: await startBot(place),
        options: ["--backend-read-timeout=1s"],
      })),
      path: "/hang",
    }),
  },
];
