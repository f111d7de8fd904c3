import { setTimeout as pause } from "node:timers/promises";
import type { Place, StartOptions } from "#e2e/harness/place.ts";
import type { EngineProcess } from "#e2e/servers/engine-process.ts";

/** A process that is begun again whenever it was killed, as whoever runs the product would see to it. */
export type Kept = { current: () => EngineProcess; kill: () => Promise<void> };

export async function keepAlive(place: Place, options: StartOptions): Promise<Kept> {
  let current = await place.start(options);
  return {
    current: () => current,
    kill: async () => {
      await current.kill();
      for (;;) {
        try {
          current = await place.start(options);
          return;
        } catch {
          // While the database is away none starts.
          await pause(200);
        }
      }
    },
  };
}
