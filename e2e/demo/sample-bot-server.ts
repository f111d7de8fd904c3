import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { middleware } from "@line/bot-sdk";
import { behaviours } from "./bot-behaviours.ts";

/** A bot: its behaviour and the secret that its requests must be signed with. */
export type SampleBot = { behaviour: string; channelSecret: string };

export type SampleBotServer = { port: number; stop: () => Promise<void> };

/**
 * Bot servers on one port, one per path `/bots/<channel id>`, each guarded by the official SDK's own signature check.
 * @param botOf the bot of a channel id; undefined answers 404.
 */
export async function startSampleBotServer(
  botOf: (channelId: string) => SampleBot | undefined,
): Promise<SampleBotServer> {
  const server = createServer((request, response) => {
    const bot = botOf(request.url?.split("/").at(-1) ?? "");
    const behave = bot === undefined ? undefined : behaviours[bot.behaviour];
    if (bot === undefined || behave === undefined) {
      response.writeHead(404).end();
      return;
    }
    void checkSignature(bot.channelSecret, request, response, () => behave(request, response));
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

async function checkSignature(
  channelSecret: string,
  request: IncomingMessage,
  response: ServerResponse,
  accepted: () => void,
): Promise<void> {
  // The SDK puts the parsed body here; Node's own type has no such property.
  const withBody = Object.assign(request, { body: undefined });
  await middleware({ channelSecret })(withBody, response, (error) => {
    if (error === undefined) accepted();
    else response.writeHead(401, { "content-type": "text/plain" }).end(error.message);
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((settle) => server.close(settle));
}
