import { expect, test } from "vitest";
import { guardMutation, leaveOriginToGuard } from "./origin.ts";

const own = "https://console.example.com";
const guard = (headers: Record<string, string>) => () => guardMutation(new Headers(headers), own);

test("a change from the console's own page passes", () => {
  expect(guard({ "sec-fetch-site": "same-origin" })).not.toThrow();
  expect(guard({ origin: own })).not.toThrow();
});

test("a change from elsewhere, or from nowhere, is refused", () => {
  expect(guard({ "sec-fetch-site": "cross-site", origin: own })).toThrow("another site");
  expect(guard({ "sec-fetch-site": "same-site" })).toThrow("another site");
  expect(guard({ "sec-fetch-site": "none" })).toThrow("another site");
  expect(guard({ origin: "null" })).toThrow("another site");
  expect(guard({ origin: `${own}, ${own}` })).toThrow("another site");
  expect(guard({})).toThrow("another site");
});

test.each([`${own}.evil.example`, `${own}:8443`, "http://console.example.com", "http://10.0.0.7"])(
  "a browser that only says %s is told both addresses, and what to do",
  (origin) => {
    expect(guard({ origin })).toThrow(`came from ${origin}`);
    expect(guard({ origin })).toThrow(`address is ${own}`);
    expect(guard({ origin })).toThrow("BASE_URL");
  },
);

/** Next 16's own check: the host of the origin against the first of these that is there. */
function nextLetsIn(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (origin === null) return true;
  const host = headers.get("x-forwarded-host")?.split(",")[0]?.trim() ?? headers.get("host");
  return (origin === "null" ? "null" : new URL(origin).host) === host;
}

test.each([
  [own, "127.0.0.1:3000"],
  [own, "console.example.com:8443"],
  ["https://evil.example", "console.example.com"],
  ["http://[::1]:3000", "tocsin_console"],
  ["null", "console.example.com"],
  ["no address", "console.example.com"],
  ["https://a,b.example", "console.example.com"],
  ["https://user@console.example.com", "console.example.com"],
])(
  "Next leaves an origin of %s at the host %s to the guard, which judges it as before",
  (origin, host) => {
    const headers = new Headers({ origin, host, "x-forwarded-host": "stranger.example" });
    const verdict = (of: Headers): boolean => {
      try {
        guardMutation(of, own);
        return true;
      } catch {
        return false;
      }
    };
    const before = verdict(headers);
    leaveOriginToGuard(headers, own);
    expect(nextLetsIn(headers)).toBe(true);
    expect(verdict(headers)).toBe(before);
    expect(before).toBe(origin === own);
  },
);

test("no host that a proxy or a stranger names is left", () => {
  const headers = new Headers({ host: "a.example", "x-forwarded-host": "b.example" });
  leaveOriginToGuard(headers, own);
  expect(headers.get("host")).toBe("console.example.com");
  expect(headers.get("x-forwarded-host")).toBe("console.example.com");
});
