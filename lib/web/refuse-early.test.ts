import { describe, expect, test } from "vitest";
import { refuseEarly } from "./refuse-early.ts";

const channel = "/console/channel/1234567890";
const live = `${channel}/statistics/live`;

/** Whoever has the session "full" has as much under way as one may. */
const room = { isFull: (sessionId: string) => sessionId === "full" };
const rooms = { tocsinLiveHub: room, tocsinReading: room };

function ask(
  pathname: string,
  {
    session = "full",
    method = "GET",
    language = "en",
    chosen = "",
    isAway = false,
    bytes = 0,
  } = {},
): Promise<Response | null> {
  const jar: Record<string, string> = { session, "tocsin.locale": chosen };
  return refuseEarly(
    {
      method,
      headers: new Headers({ "accept-language": language, "content-length": String(bytes) }),
      cookies: {
        get: (name) => (jar[name] === undefined ? undefined : { value: jar[name] }),
      },
      nextUrl: { pathname },
    },
    {
      rooms: { ...rooms, tocsinPulse: { beats: async () => !isAway } },
      sessionIdOf: async ({ cookies }) => cookies.get("session")?.value ?? null,
    },
  );
}

describe("whoever has as much under way as one may", () => {
  test("is refused one more live line in a few bytes, in their language", async () => {
    const refusal = await ask(live, { language: "ja" });
    expect(refusal?.status).toBe(429);
    expect(refusal?.headers.get("retry-after")).toBe("30");
    expect(await refusal?.json()).toEqual({ message: expect.stringContaining("リアルタイム表示") });
  });

  test.each([
    `${channel}/statistics/errors`,
    `${channel}/statistics/deliveries`,
    `${channel}/audit`,
    "/console/provider/1234567890/audit",
    "/console/operations/audit",
    "/console/operations/users",
    "/console/operations/outbox",
  ])(
    "is refused one more view of %s by a page that says so, with a status and a time",
    async (path) => {
      const refusal = await ask(path, { chosen: "ja" });
      expect(refusal?.status).toBe(503);
      expect(refusal?.headers.get("retry-after")).toBe("5");
      expect(refusal?.headers.get("content-type")).toContain("text/html");
      expect(await refusal?.text()).toContain("いまは表示できません");
    },
  );

  test.each([
    ["another page", "/console", {}],
    ["a webhook of the log", `${channel}/statistics/deliveries/x`, {}],
    ["a form of the page", `${channel}/statistics/deliveries`, { method: "POST" }],
    ["a page by somebody else", `${channel}/audit`, { session: "other" }],
  ])("keeps %s", async (_, path, options) => {
    expect(await ask(path, options)).toBeNull();
  });
});

describe("while the database is silent", () => {
  test.each(["/", "/sign-in", "/console", `${channel}/basic`, live])(
    "%s is a page that says so, with a status and a time, in the visitor's language",
    async (path) => {
      const refusal = await ask(path, { session: "other", language: "ja", isAway: true });
      expect(refusal?.status).toBe(503);
      expect(refusal?.headers.get("retry-after")).toBe("2");
      expect(refusal?.headers.get("cache-control")).toBe("no-store");
      expect(await refusal?.text()).toContain("データベースに接続できません");
    },
  );

  test.each(["/healthz", "/readyz", "/metrics"])("%s answers for itself", async (path) => {
    expect(await ask(path, { isAway: true })).toBeNull();
  });

  test("a form is not taken from whoever typed it", async () => {
    expect(await ask("/sign-in", { method: "POST", isAway: true })).toBeNull();
  });
});

test("a form of more than 1 MB is refused in words before it is read, whoever sends it", async () => {
  const form = { method: "POST", session: "other", language: "ja" };
  expect(await ask("/sign-in", { ...form, bytes: 1_048_576 })).toBeNull();
  const refusal = await ask("/sign-in", { ...form, bytes: 1_048_577 });
  expect(refusal?.status).toBe(413);
  expect(await refusal?.text()).toContain("送信内容が大きすぎます");
});
