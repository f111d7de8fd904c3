import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ProgramName } from "#e2e/front-ends/packages.ts";
import { createPlace, type Place } from "#e2e/front-ends/place.ts";
import { senderToHere } from "#e2e/front-ends/sender-to-here.ts";
import { startHaproxy } from "#e2e/front-ends/servers/haproxy.ts";
import { nginxProxy, startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { startGunicorn } from "#e2e/front-ends/servers/python.ts";
import { until } from "#e2e/harness/until.ts";
import { verdictOf } from "#e2e/servers/sending.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { startCountingBot } from "./bot-report.ts";
import { startRelay } from "./relay.ts";
import { webhook } from "./webhook.ts";

/** What the sender learns about when servers end unused connections; gives what is wrong, and what was seen. */
export type KeepingCase = {
  name: string;
  program: ProgramName;
  run: (place: Place, sender: Sender) => Promise<{ problems: string[]; seen: string }>;
};

const webhooksAfterReload = 40;
/** One for the connections that the reload ended, one that is lost to learning, one to spare. */
const connectionsMax = 3;

const botCount = 12;
const webhooksPerBot = 8;
const oneWayMs = 75;

export const keepingCases: readonly KeepingCase[] = [
  ...(["h1", "h2"] as const).map(
    (protocol): KeepingCase => ({
      name: `nginx, ${protocol}: after a reload, ${webhooksAfterReload} webhooks do not open ${webhooksAfterReload} connections`,
      program: "nginx",
      run: (place, sender) => afterReload(place, sender, protocol),
    }),
  ),
  {
    name: `gunicorn, h1: ${botCount} bots that end unused connections after 2 s, unannounced and ${2 * oneWayMs} ms away, lose nothing`,
    program: "gunicorn",
    run: distantBots,
  },
  ...(["h1", "h2"] as const).map(
    (protocol): KeepingCase => ({
      name: `HAProxy, ${protocol}: a bot that crashes on each webhook gets it at most twice, the second time marked`,
      program: "haproxy",
      run: (place, sender) => crashingBot(place, sender, protocol),
    }),
  ),
];

/** Runs one case in a place of its own. */
export async function runKeeping(keeping: KeepingCase) {
  const place = createPlace();
  const sender = senderToHere(place.ca);
  try {
    return await keeping.run(place, sender);
  } finally {
    await sender.close();
    await place.close();
  }
}

async function afterReload(place: Place, sender: Sender, protocol: "h1" | "h2") {
  const bot = await startCountingBot(place, "http");
  const { ports, reload } = await startNginx(place, { server: nginxProxy(bot.port) });
  const relay = await startRelay(place, ports[protocol]);
  const url = `https://bot.test:${relay.port}/webhook`;
  const problems: string[] = [];
  const send = async () => {
    const outcome = await sender.send(webhook(url));
    if (outcome.state !== "delivered") problems.push(verdictOf(outcome));
  };
  for (let sent = 0; sent < 5; sent++) await send();
  relay.connections();
  await reload?.();
  // On a busy machine a reload takes its time; until then what is opened anew is ended, too, by more than one ending.
  await until("the reload has ended what was kept", () => relay.isQuiet());
  for (let sent = 0; sent < webhooksAfterReload; sent++) {
    await send();
    await wait(10);
  }
  const connections = relay.connections();
  if (connections > connectionsMax) problems.push(`${connections} connections were opened`);
  return { problems, seen: `${connections} connections for ${webhooksAfterReload} webhooks` };
}

async function crashingBot(place: Place, sender: Sender, protocol: "h1" | "h2") {
  const copies: string[] = [];
  const bot = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      if (request.url === "/ok") return void response.end("OK");
      copies.push(
        /"isRedelivery":true/.test(Buffer.concat(pieces).toString()) ? "marked" : "first",
      );
      response.destroy();
    });
  });
  await new Promise<void>((settle) => bot.listen(0, "127.0.0.1", settle));
  place.onClose(() => new Promise((settle) => bot.close(settle)));
  const { port } = bot.address() as AddressInfo;
  const { ports } = await startHaproxy(place, { backend: `server bot 127.0.0.1:${port}` });
  const origin = `https://bot.test:${ports[protocol]}`;
  await sender.send(webhook(`${origin}/ok`));
  await sender.send(webhook(`${origin}/crash`));
  const isRight = copies.join() === "first" || copies.join() === "first,marked";
  return { problems: isRight ? [] : [`it got ${copies.join(", ")}`], seen: copies.join(", ") };
}

async function distantBots(place: Place, sender: Sender) {
  const options = ["--worker-class", "gthread", "--threads", `${botCount}`, "--keep-alive", "2"];
  const { port } = await startRelay(place, await startGunicorn(place, options), oneWayMs);
  const problems: string[] = [];
  let repeats = 0;
  const bot = async (_: unknown, index: number) => {
    for (let sent = 0; sent < webhooksPerBot; sent++) {
      const url = `http://bot${index}.bot.test:${port}/ok`;
      const outcome = await sender.send(webhook(url));
      if (outcome.state !== "delivered") problems.push(verdictOf(outcome));
      repeats += outcome.seen.repeats?.length ?? 0;
      // From 1.9 to 3.1 s, each bot in another order: around the 2 s, where both sides write at the same time.
      await wait(1_900 + (((index * 5 + sent * 7) % botCount) / botCount) * 1_200);
    }
  };
  await Promise.all(Array.from({ length: botCount }, bot));
  return { problems, seen: `${botCount * webhooksPerBot} webhooks, ${repeats} sent again` };
}
