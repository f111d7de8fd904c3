import { afterEach, describe, expect, test, vi } from "vitest";
import type { ListenOptions } from "#lib/listener.ts";
import {
  createLiveHub,
  type LiveHub,
  type LiveHubOptions,
  type LiveViewer,
  viewsPerUserMax,
} from "./hub.ts";
import type { LiveMessage } from "./schema.ts";

const deadline = { timeout: 30_000, interval: 5 };
let hub: LiveHub;
afterEach(() => hub.close());

type StillMay = LiveHubOptions["stillMay"];
type Handlers = Pick<ListenOptions, "onMessage" | "onListening" | "onLost">;

/** A hub whose news and answers the test gives itself. */
function openHub(stillMay: StillMay) {
  let handlers: Handlers | undefined;
  hub = createLiveHub({
    listen: (given) => {
      handlers = given;
      given.onListening();
      return { stop: async () => undefined };
    },
    stillMay,
    readFigures: () => Promise.reject(new Error("nobody follows figures")),
    onFailure: () => undefined,
    checkEveryMs: 10,
  });
  return (channelId: string) => handlers?.onMessage(`errors:${channelId}`);
}

const everybody: StillMay = async (viewers) =>
  new Map(viewers.map((one) => [one, one.role] as const));
const viewer = (name: string): LiveViewer => ({
  sessionId: `session of ${name}`,
  userId: name,
  channelId: `channel of ${name}`,
  topic: "errors",
  role: "member",
  view: null,
});

function look(who: LiveViewer) {
  const told: (LiveMessage | Uint8Array)[] = [];
  const leave = hub.join(
    who,
    (message) => told.push(message),
    () => undefined,
  );
  return { told, leave };
}

describe("while the question who may still look is not answered", () => {
  test.each([
    ["it fails", () => Promise.reject<never>(new Error("the database is away"))],
    ["nothing comes", (back: Promise<void>) => back.then(() => Promise.reject(new Error("lost")))],
  ])(
    "(%s) viewers wait and get no news, and afterwards those who may not are sent off",
    async (_, away) => {
      const state = { isAway: false, back: (): void => undefined };
      const back = new Promise<void>((resolve) => {
        state.back = resolve;
      });
      const tell = openHub((viewers) =>
        state.isAway ? away(back) : everybody(viewers.filter(({ userId }) => userId !== "goes")),
      );
      const stays = look(viewer("stays"));
      state.isAway = true;
      await vi.waitFor(() => expect(stays.told.at(-1)).toBe("waiting"), deadline);
      const goes = look(viewer("goes"));
      tell("channel of stays");
      tell("channel of goes");
      expect(goes.told).toEqual(["waiting"]);
      expect(stays.told).not.toContain("change");
      state.isAway = false;
      state.back();
      await vi.waitFor(() => expect(goes.told).toEqual(["waiting", "end"]), deadline);
      // "ready" makes a page look again, so what was not told is seen.
      await vi.waitFor(() => expect(stays.told.at(-1)).toBe("ready"), deadline);
      tell("channel of stays");
      await vi.waitFor(() => expect(stays.told.at(-1)).toBe("change"), deadline);
    },
  );
});

describe("a person who has all the pages open that one may have", () => {
  test("is known by the session without a question, until one is left", () => {
    openHub(everybody);
    const who = viewer("somebody");
    const pages = Array.from({ length: viewsPerUserMax }, () => look(who));
    expect(hub.isFull(who.sessionId)).toBe(true);
    expect(hub.knock(who.sessionId)).toBeNull();
    pages[0]?.leave();
    expect(hub.isFull(who.sessionId)).toBe(false);
  });

  test("is known by another session too, once that was refused", () => {
    openHub(everybody);
    const who = viewer("somebody");
    const pages = Array.from({ length: viewsPerUserMax }, () => look(who));
    const other = { ...who, sessionId: "another session" };
    expect(hub.isFull(other.sessionId)).toBe(false);
    expect(() => look(other)).toThrow("Too many");
    expect(hub.isFull(other.sessionId)).toBe(true);
    pages[0]?.leave();
    expect(hub.isFull(other.sessionId)).toBe(false);
  });

  test("does not keep others out", () => {
    openHub(everybody);
    for (let n = 0; n < viewsPerUserMax; n += 1) look(viewer("somebody"));
    expect(look(viewer("somebody else")).told).toEqual(["ready"]);
  });
});

test("of a thousand who ask at once with one session, only as many as may look get as far as a question", () => {
  openHub(everybody);
  const knocks = Array.from({ length: 1_000 }, () => hub.knock("a session"));
  const leaves = knocks.filter((leave) => leave !== null);
  expect(leaves).toHaveLength(viewsPerUserMax);
  leaves[0]?.();
  leaves[0]?.();
  expect([hub.knock("a session"), hub.knock("a session")].filter(Boolean)).toHaveLength(1);
  expect(hub.isFull("another session")).toBe(false);
});
