import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "#e2e/servers/free-port.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import type { Build } from "./build.ts";
import { type EnginePart, engineEnv, startPart } from "./engine.ts";
import { takeIn } from "./take-in.ts";
import { sampleEvents } from "./world.ts";

/**
 * A build as it would be installed: its own database, migrated by its own code, and its own processes. The bench reaches it
 * only by the platform API, so that builds are compared by one and the same client.
 */
export type Installation = {
  build: Build;
  pool: pg.Pool;
  /** A channel whose bot server is at `url`, with redelivery off: what hangs leaves the queue. Returns its id. */
  makeChannel: (url: string) => Promise<string>;
  /** Queues `count` webhooks, the channels taking turns. */
  fill: (channelIds: readonly string[], count: number) => Promise<void>;
  startWorker: () => Promise<EnginePart>;
  stop: () => Promise<void>;
};

const tsx = ["--import", "tsx"];
/** Lines of one intake call. */
const linesMax = 1_000;

/** @throws Error when a part of it does not start; what did is stopped then */
export async function install(build: Build): Promise<Installation> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    return { ...(await begin(build, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function begin(
  build: Build,
  stops: (() => Promise<void>)[],
): Promise<Omit<Installation, "stop">> {
  const database = await startThrowawayDatabase(["shared_buffers=256MB"]);
  stops.push(database.stop);
  const { url } = database;
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // When a run fails the database may be gone before its idle connections; what is under way fails by itself.
  pool.on("error", () => undefined);
  stops.push(() => pool.end());
  const enginePort = await freePort();
  const key = await makeKey(build, url, enginePort);
  const api = await startPart({ url, role: "api", enginePort, build });
  stops.push(api.stop);
  const ask = askApi(`http://127.0.0.1:${enginePort}`, key);
  const provider = JSON.parse(await ask("POST", "/v1/providers", { name: "Bench" }));
  return {
    build,
    pool,
    makeChannel: async (webhookUrl) => {
      const made = JSON.parse(
        await ask("POST", "/v1/channels", {
          providerId: provider.providerId,
          name: "Bench bot",
          description: "Made for a bench.",
          email: "bench@example.com",
        }),
      );
      const on = { useWebhook: true, webhookRedelivery: false, errorStatisticsAggregation: true };
      await ask("PATCH", `/v1/channels/${made.channelId}`, { webhookUrl, ...on });
      return made.channelId;
    },
    fill: async (channelIds, count) => {
      for (let from = 0; from < count; from += linesMax) {
        const webhooks = Array.from({ length: Math.min(linesMax, count - from) }, (_, offset) => ({
          channelId: channelIds[(from + offset) % channelIds.length],
          events: sampleEvents(from + offset),
        }));
        await takeIn(webhooks, { post: (lines) => ask("POST", "/v1/webhooks", lines) });
      }
    },
    startWorker: () => startPart({ url, role: "worker", enginePort, build }),
  };
}

/** Migrates on the way. */
async function makeKey(build: Build, url: string, enginePort: number): Promise<string> {
  const script = join(build.root, "engine", "start", "create-platform-key.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...tsx, script], {
    cwd: build.root,
    env: engineEnv(url, enginePort),
  });
  return stdout.trim();
}

/** JSON, or NDJSON where the body is a text already. Returns the text of the answer. */
function askApi(apiUrl: string, key: string) {
  return async (method: string, path: string, body: object | string): Promise<string> => {
    const isText = typeof body === "string";
    const response = await fetch(apiUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": isText ? "application/x-ndjson" : "application/json",
      },
      body: isText ? body : JSON.stringify(body),
    });
    const text = await response.text();
    // Of a call none of whose lines was taken in, which says so line by line like any other.
    const isOfLines = isText && response.status === 503;
    if (!response.ok && !isOfLines)
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text;
  };
}
