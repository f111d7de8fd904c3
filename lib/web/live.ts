import "server-only";
import { logFailure } from "#lib/database-log.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { listen } from "#lib/listener.ts";
import { createLiveHub, type LiveHub } from "#lib/live/hub.ts";
import { liveChannel } from "#lib/live/signal.ts";
import { stillMay } from "#lib/live/still-may.ts";
import { database } from "./database.ts";
import { readLiveFigures } from "./live-figures.ts";
import { consoleLog } from "./log.ts";
import { reading } from "./reading.ts";
import { sharedRooms } from "./shared-rooms.ts";

/** The console process's one hub: one listening connection, however many people look. */
export function liveHub(): LiveHub {
  sharedRooms.tocsinLiveHub ??= openHub();
  return sharedRooms.tocsinLiveHub;
}

function openHub(): LiveHub {
  const hub = createLiveHub({
    listen: (handlers) =>
      listen({
        ...handlers,
        url: runtimeEnv().databaseUrl,
        name: "tocsin-console live",
        channels: [liveChannel],
        onLost: (error) => {
          logFailure(consoleLog(), error, "the live connection was lost; reconnecting", {
            level: "warn",
          });
          handlers.onLost(error);
        },
      }),
    stillMay: (viewers) => stillMay(database().db, viewers),
    readFigures: ({ view, ...viewer }) =>
      readLiveFigures(
        {
          database: database(),
          read: (ask) => reading().read(viewer, ask),
          retentionDays: env().retentionDays.rows,
          notificationPolicy: env().notificationPolicy,
          failingPolicy: env().failingPolicy,
        },
        { channelId: viewer.channelId, ...view },
      ),
    onFailure: (error) =>
      logFailure(consoleLog(), error, "the figures of a live page could not be read", {
        level: "warn",
      }),
  });
  // Next stops taking requests at these signals and waits for the open ones: a stream would hold it up for ever.
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void hub.close());
  }
  return hub;
}
