import { type Load, startLoad } from "#e2e/harness/load.ts";
import type { Place } from "#e2e/harness/place.ts";
import { newEventId, type PlatformClient } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import type { EngineProcess } from "#e2e/servers/engine-process.ts";
import type { TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { See } from "./see.ts";

/** The product at work: an API, a worker (or both in one), a bot server, and a channel with every switch on. */
export type Scene = {
  place: Place;
  bot: TruthBotServer;
  /** Rows replace those that they end. */
  api: EngineProcess;
  worker: EngineProcess;
  client: PlatformClient;
  channelId: string;
};

/** What a scene takes from its stage, which closes it. */
type Props = { newPlace: () => Promise<Place>; newBot: () => Promise<TruthBotServer> };

export async function openScene(
  stage: Props,
  options: {
    place?: Place;
    env?: Record<string, string>;
    workerEnv?: Record<string, string>;
    apiEnv?: Record<string, string>;
    /** Two processes instead of one that is both. */
    apart?: boolean;
    databaseUrl?: string;
    within?: readonly string[];
  } = {},
): Promise<Scene> {
  const place = options.place ?? (await stage.newPlace());
  const bot = await stage.newBot();
  const { apart = false, env = {}, databaseUrl = place.url, within = [] } = options;
  const begin = (role: "api" | "worker" | "all", own: Record<string, string> = {}) =>
    place.start({ role, databaseUrl, within, env: { ...env, ...own } });
  const [api, worker] = apart
    ? await Promise.all([begin("api", options.apiEnv), begin("worker", options.workerEnv)])
    : await begin("all").then((both) => [both, both] as const);
  const scene: Scene = {
    place,
    bot,
    api,
    worker,
    client: place.clientOf(() => scene.api),
    channelId: "",
  };
  scene.channelId = await place.makeChannel(scene.client, { webhookUrl: bot.url });
  return scene;
}

/** Sends events in, one after the other, each until it is accepted; their webhook ids. */
export async function send(
  client: PlatformClient,
  channelId: string,
  count: number,
): Promise<string[]> {
  const load = startLoad({
    client: () => client,
    channelIds: [channelId],
    clients: 4,
    total: count,
  });
  await load.done;
  return [...load.accepted.values()];
}

/** A load that goes on until it is stopped. */
export const keepSending = (
  scene: Scene,
  options: Partial<Parameters<typeof startLoad>[0]> = {},
): Load =>
  startLoad({
    client: () => scene.client,
    channelIds: [scene.channelId],
    clients: 4,
    pauseMs: 40,
    ...options,
  });

/** One number out of the database. */
export async function countOf(
  { pool }: Pick<Place, "pool">,
  question: string,
  ...values: unknown[]
): Promise<number> {
  const { rows } = await pool.query(question, values);
  return Number(Object.values(rows[0] ?? {})[0]);
}

export const waitingOf = (place: Place, channelId: string): Promise<number> =>
  countOf(place, "select count(*) from webhook_queue where channel_id = $1", channelId);

/** Waits until nothing of the channel waits any more. */
export async function settle(place: Place, channelId: string): Promise<void> {
  await until("nothing waits any more", async () => (await waitingOf(place, channelId)) === 0);
}

/** Tries to send one event in, once; what came of it, in words. */
export async function tryIntake(
  client: PlatformClient,
  channelId: string,
  limitMs: number,
): Promise<{ status: number; retryAfter: string | null; words: string; webhookId: string | null }> {
  try {
    const answer = await client.post(channelId, newEventId(), { limitMs });
    const retryAfter = answer.headers.get("retry-after");
    const webhookId = answer.status === 202 ? String(answer.json().webhookId) : null;
    const wait = retryAfter === null ? "" : `, Retry-After ${retryAfter}`;
    return { status: answer.status, retryAfter, webhookId, words: `${answer.status}${wait}` };
  } catch (error) {
    const words = `no answer in ${limitMs / 1_000} s (${error instanceof Error ? error.name : error})`;
    return { status: 0, retryAfter: null, webhookId: null, words };
  }
}

/** A request of an intake that cannot take anything now: refused in words that say when to come again. */
export async function seeRefused(
  see: See,
  client: PlatformClient,
  channelId: string,
  limitMs = 20_000,
): Promise<void> {
  const { status, retryAfter, words } = await tryIntake(client, channelId, limitMs);
  see(status === 503 && retryAfter !== null, `intake: ${words}`);
}

/** Asks a probe once; its status, 0 when none came in time. */
export async function probe(api: EngineProcess, path: string, limitMs = 10_000): Promise<number> {
  const signal = AbortSignal.timeout(limitMs);
  return fetch(api.apiUrl + path, { signal }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => 0,
  );
}

/** Lines of a process's log at error level (pino's 50) or above. */
export const errorLines = (engine: EngineProcess): Record<string, unknown>[] =>
  engine
    .log()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => Number(level) >= 50);
