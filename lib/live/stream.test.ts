import { expect, test } from "vitest";
import { encodeFigures } from "./encode.ts";
import type { LiveHub, LiveViewer } from "./hub.ts";
import type { LiveMessage } from "./schema.ts";
import { streamLive } from "./stream.ts";

const viewer: LiveViewer = {
  ...{ sessionId: "s", userId: "u", channelId: "c", topic: "errors" },
  ...{ role: "member", view: null },
};

function openStream() {
  const hub = { left: 0, send: (_: LiveMessage | Uint8Array): void => undefined };
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

test("a reader who is behind gets the newest figures, not each of them", async () => {
  const { hub, stream } = openStream();
  for (let n = 1; n <= 100; n += 1) hub.send(encodeFigures(String(n), 1));
  const reader = stream.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe("event: ready\ndata: {}\n\n");
  // What was not taken yet is held back while there is something to read.
  expect(await read()).toBe('event: figures\ndata: {"audience":1,"figures":100}\n\n');
  hub.send(encodeFigures("101", 1));
  expect(await read()).toContain('"figures":101');
  expect(hub.left).toBe(0);
});
