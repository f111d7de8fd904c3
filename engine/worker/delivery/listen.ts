import { logFailure } from "#lib/database-log.ts";
import { type Listener, listen } from "#lib/listener.ts";
import type { Log } from "#lib/log.ts";
import { workChannel } from "#lib/queue/accept.ts";
import { readSettingsChange, type SettingsChange } from "./settings-changes.ts";

export type Heard = {
  /** Something was committed that may be due. */
  onWork: () => void;
  onSettings: (change: SettingsChange) => void;
};

/**
 * Tells a worker what intake and the console have committed. A lost connection is made anew; meanwhile the loop polls,
 * and afterwards any setting may have changed.
 */
export function listenForWork(url: string, { onWork, onSettings }: Heard, log: Log): Listener {
  let hasListened = false;
  return listen({
    url,
    name: "tocsin listener",
    channels: [workChannel],
    onMessage: (payload) => (payload === "" ? onWork() : onSettings(readSettingsChange(payload))),
    onListening: () => {
      // The first time nothing was missed that a claim has not read itself, but for the moment of a start.
      if (hasListened) onSettings({ channelId: null, endsRedeliveries: false });
      hasListened = true;
      onWork();
    },
    onLost: (error) =>
      logFailure(log, error, "the listening connection broke; connecting again", { level: "warn" }),
  });
}
