import { setTimeout as pause } from "node:timers/promises";

export type LiveTraffic = { stop: () => Promise<void> };

const texts = [
  "Good morning",
  "Two flat whites, please",
  "Where are you?",
  "🤨",
  "予約を変更したいです",
  "Thanks",
];

/** Mostly messages, as in life. */
const message = () => ({
  type: "message",
  message: { type: "text", id: String(Date.now()), text: pick(texts) },
});
const kinds: (() => { type: string } & Record<string, unknown>)[] = [
  message,
  message,
  message,
  message,
  () => ({ type: "postback", postback: { data: "action=buy&item=123" } }),
  () => ({ type: "follow", follow: { isUnblocked: false } }),
  () => ({ type: "unfollow" }),
];
const batchSizes = [1, 1, 1, 1, 2, 5];

/** Sends events every `everyMs` to one of the channels, through the intake API like any platform service. */
export function startLiveTraffic(options: {
  apiUrl: string;
  platformKey: string;
  channelIds: readonly string[];
  everyMs: number;
  say: (line: string) => void;
}): LiveTraffic {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    let silentSince = false;
    while (!stopped.signal.aborted) {
      const problem = await sendOne(options);
      // Said once when it begins, not once per event.
      if (problem !== undefined && !silentSince)
        options.say(`The sample traffic waits: ${problem}`);
      silentSince = problem !== undefined;
      await pause(options.everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function sendOne(options: {
  apiUrl: string;
  platformKey: string;
  channelIds: readonly string[];
}) {
  const channelId = pick(options.channelIds);
  const userId = `U${"0123456789abcdef".repeat(2)}`;
  try {
    const response = await fetch(`${options.apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${options.platformKey}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        events: Array.from({ length: pick(batchSizes) }, () => ({
          ...pick(kinds)(),
          source: { type: "user", userId },
        })),
      }),
    });
    return response.status === 202 ? undefined : `the API answered ${response.status}`;
  } catch {
    return "the API does not answer";
  }
}

function pick<T>(list: readonly T[]): T {
  const one = list[Math.floor(Math.random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}
