import { chmod } from "node:fs/promises";
import { adoptPlace, type Place } from "#e2e/harness/place.ts";
import { type PlatformClient, platformClient } from "#e2e/harness/platform-client.ts";
import {
  beginProduct,
  type ProductProcess,
  type ProductStart,
} from "#e2e/harness/product-process.ts";
import { until } from "#e2e/harness/until.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { productProgram } from "#e2e/servers/programs.ts";
import type { TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { buildIfNeeded } from "#engine/start/build.ts";
import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import type { keepSending } from "./scene.ts";
import type { Stage } from "./stage.ts";

/** The whole product by its one command, with its own PostgreSQL. */
export type Machine = {
  given: ProductStart;
  product: ProductProcess;
  place: Place;
  client: PlatformClient;
  bot: TruthBotServer;
  channelId: string;
};

let built: Promise<unknown> | undefined;

export async function prepare(stage: Stage, folder?: string): Promise<ProductStart> {
  built ??= buildIfNeeded();
  await built;
  const dataDir = folder ?? (await stage.newFolder());
  await chmod(dataDir, 0o711);
  // As root the product would make an account for its PostgreSQL; whose cluster is there already, it runs as.
  const shelterDir = await stage.newFolder();
  const cluster = await startEmbeddedDatabase({ dataDir, shelterDir, accountName: "nobody" });
  await cluster.stop();
  const [port, enginePort] = [await freePort(), await freePort()];
  return { dataDir, port, enginePort, program: await productProgram() };
}

export async function begin(stage: Stage, given: ProductStart): Promise<ProductProcess> {
  const product = beginProduct(given);
  stage.after(product.stop);
  const ended = product.ended.then((how) => {
    throw new Error(`it stopped while starting (${how}): ${product.words().slice(-500)}`);
  });
  ended.catch(() => undefined);
  await Promise.race([until("it is ready", () => product.words().includes("is ready")), ended]);
  return product;
}

export async function openMachine(stage: Stage, folder?: string): Promise<Machine> {
  const given = await prepare(stage, folder);
  const product = await begin(stage, given);
  const place = await adoptPlace(await product.databaseUrl());
  stage.after(place.close);
  const bot = await stage.newBot();
  const key = await place.newKey();
  const client = platformClient(() => product.apiUrl, key);
  const channelId = await place.makeChannel(client, { webhookUrl: bot.url });
  return { given, product, place, client, bot, channelId };
}

export const sceneOf = ({ client, channelId, place, bot }: Machine) =>
  ({ client, channelId, place, bot }) as Parameters<typeof keepSending>[0];

export type Asked = { status: number; retryAfter: string | null };

export const askWhole = (url: string, limitMs = 20_000): Promise<Asked> =>
  fetch(url, { signal: AbortSignal.timeout(limitMs), redirect: "manual" }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return { status: answer.status, retryAfter: answer.headers.get("retry-after") };
    },
    () => ({ status: 0, retryAfter: null }),
  );

export const ask = async (url: string): Promise<number> => (await askWhole(url)).status;
