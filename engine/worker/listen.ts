import { workChannel } from "#lib/deliveries/accept.ts";
import { type Listener, listen } from "#lib/listener.ts";
import type { Log } from "#lib/log.ts";

/** Calls `onWork` when intake has committed something. A lost connection is made anew; meanwhile the loop polls. */
export function listenForWork(url: string, onWork: () => void, log: Log): Listener {
  return listen({
    url,
    name: "tocsin listener",
    channels: [workChannel],
    onMessage: onWork,
    onListening: onWork,
    onLost: (error) => log.warn({ err: error }, "the listening connection broke; connecting again"),
  });
}
