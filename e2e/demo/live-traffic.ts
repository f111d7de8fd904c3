import { setTimeout as pause } from "node:timers/promises";
import { pick, sampleEvent } from "./sample-event.ts";

export type LiveTraffic = { stop: () => Promise<void> };

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
  try {
    const response = await fetch(`${options.apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${options.platformKey}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        events: Array.from({ length: pick(batchSizes) }, () => sampleEvent(new Date())),
      }),
    });
    return response.status === 202 ? undefined : `the API answered ${response.status}`;
  } catch {
    return "the API does not answer";
  }
}
