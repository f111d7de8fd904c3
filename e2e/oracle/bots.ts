import { freePort } from "#e2e/servers/free-port.ts";
import {
  type Arrival,
  startTruthBotServer,
  type TruthBotServer,
} from "#e2e/servers/truth-bot-server.ts";
import { chance } from "./chance.ts";

/** How the bot servers of the run behave, and how many of a hundred channels have one of this kind. */
const kinds = {
  healthy: 34,
  flaky: 20,
  once: 12,
  slow: 10,
  hanging: 4,
  broken: 6,
  gone: 4,
  moved: 4,
  refused: 6,
} as const;
type Kind = keyof typeof kinds;
/** The first channels have one of each, so that also a short run has them all. */
const everyKind = Object.keys(kinds) as Kind[];

export type Bots = {
  urlOf: (channel: number) => string;
  kindOf: (channel: number) => Kind;
  arrivals: () => Arrival[];
  close: () => Promise<void>;
};

const serversCount = 3;

/** Bot servers that keep every request, and answer each as the seed says. */
export async function startBots(seed: number): Promise<Bots> {
  const servers = await Promise.all(
    Array.from({ length: serversCount }, () => startTruthBotServer()),
  );
  const closedPort = await freePort();
  const seen = new Map<string, number>();
  const kindOf = (channel: number): Kind =>
    everyKind[channel] ?? pick(chance(seed, "kind", channel));
  for (const server of servers) {
    server.decide = (arrival) => {
      const number = (seen.get(arrival.webhookId) ?? 0) + 1;
      seen.set(arrival.webhookId, number);
      const [, kind = ""] = arrival.path.split("/");
      const dice = chance(seed, arrival.eventIds[0] ?? "", number);
      return behave(kind as Kind, { arrival, number, dice });
    };
  }
  return {
    kindOf,
    urlOf: (channel) => {
      const kind = kindOf(channel);
      if (kind === "refused") return `http://127.0.0.1:${closedPort}/refused/${channel}`;
      const server = servers[channel % serversCount] as TruthBotServer;
      return new URL(`/${kind}/${channel}`, server.url).href;
    },
    arrivals: () => servers.flatMap((server) => server.arrivals),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function pick(dice: number): Kind {
  let sum = 0;
  for (const [kind, share] of Object.entries(kinds)) {
    sum += share;
    if (dice * 100 < sum) return kind as Kind;
  }
  return "healthy";
}

type Case = { arrival: Arrival; number: number; dice: number };

/** Null: it is answered later or never. */
function behave(kind: Kind, { arrival, number, dice }: Case): number | null {
  switch (kind) {
    case "healthy":
    case "refused":
      return 200;
    case "flaky":
      return dice < 0.35 ? 500 : 200;
    case "once":
      return number === 1 ? 503 : 204;
    case "slow":
      setTimeout(() => arrival.answer(200), 50 + dice * 600);
      return null;
    case "hanging":
      return dice < 0.3 ? null : 200;
    case "broken":
      return 502;
    case "gone":
      return 410;
    case "moved":
      return 302;
  }
}
