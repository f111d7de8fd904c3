import { expect, test } from "vitest";
import type { LiveHub, LiveViewer } from "./hub.ts";
import type { LiveMessage } from "./schema.ts";
import { streamLive } from "./stream.ts";

const viewer: LiveViewer = { sessionId: "s", userId: "u", channelId: "c", topic: "errors" };

function openStream() {
  const hub = { left: 0, send: (_: LiveMessage): void => undefined };
  const fake: LiveHub = {
    join: (_viewer, send) => {
      hub.send = send;
      send("ready");
      return () => {
        hub.left += 1;
      };
    },
    knock: () => null,
    isFull: () => false,
    close: async () => undefined,
  };
  return { hub, stream: streamLive(fake, viewer) };
}

test("messages are server-sent events with data, which browsers do not hand on without", async () => {
  const { hub, stream } = openStream();
  hub.send("change");
  hub.send("end");
  expect(await new Response(stream).text()).toBe(
    "event: ready\ndata: {}\n\nevent: change\ndata: {}\n\nevent: end\ndata: {}\n\n",
  );
  expect(hub.left).toBe(1);
});

test("a reader that no longer reads is given up", () => {
  const { hub } = openStream();
  for (let beat = 0; beat < 100; beat += 1) hub.send("beat");
  expect(hub.left).toBe(1);
});

test("a reader that leaves gives up its place", async () => {
  const { hub, stream } = openStream();
  await stream.cancel();
  hub.send("change");
  expect(hub.left).toBe(1);
});
