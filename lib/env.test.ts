import { expect, test } from "vitest";
import { EnvError, parseEnv } from "./env.ts";

const problems = (source: Record<string, string>): readonly string[] => {
  try {
    parseEnv(source);
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
};

test("an empty environment is enough, and empty values count as absent", () => {
  const env = parseEnv({ PORT: "", DATABASE_URL: "" });
  expect(env).toMatchObject({
    port: 3000,
    enginePort: 3001,
    baseUrl: "http://localhost:3000",
    dataDir: ".data",
  });
  expect(env.redeliveryScheduleMs).toEqual([5_000, 30_000, 120_000, 300_000, 600_000, 720_000]);
});

test("where a request comes from is read from the header that can be believed, if any", () => {
  const headerOf = (source: Record<string, string>) => parseEnv(source).visitorAddressHeader;
  expect(headerOf({})).toBe(null);
  expect(headerOf({ PEER_ADDRESS_HEADER: "x-peer-1f" })).toBe("x-peer-1f");
  const https = { PEER_ADDRESS_HEADER: "x-peer-1f", BASE_URL: "https://console.example.com" };
  expect(headerOf(https)).toBe(null);
  expect(headerOf({ ...https, TRUSTED_PROXY: "true" })).toBe("x-forwarded-for");
});

test("a failing bot server is warned about for three days and never suspended, unless told otherwise", () => {
  expect(parseEnv({}).failingPolicy).toEqual({ limitMs: 72 * 3_600_000, suspends: false });
  const source = { ENDPOINT_FAILING_LIMIT: "90m", SUSPEND_FAILING_ENDPOINTS: "true" };
  expect(parseEnv(source).failingPolicy).toEqual({ limitMs: 5_400_000, suspends: true });
  expect(problems({ ENDPOINT_FAILING_LIMIT: "59s" })).toHaveLength(1);
});

test("each wrong value is named with what is expected and what was found", () => {
  const wrong: Record<string, string> = {
    PORT: "70000",
    ENGINE_PORT: "x",
    WORKERS: "0",
    ALLOW_TARGETS: "127.0.0.0/33",
    ALLOW_HTTP_TARGETS: "maybe",
    DISPLAY_TIME_ZONE: "Mars/Base",
    REDELIVERY_SCHEDULE: "5 apples",
    ENDPOINT_FAILING_LIMIT: "1h, 2h",
    SUSPEND_FAILING_ENDPOINTS: "later",
    SMTP_URL: "http://mail",
    MAIL_FROM: "nobody",
    BASE_URL: "example.com",
    LOG_LEVEL: "loud",
  };
  const found = problems(wrong);
  expect(found).toHaveLength(Object.keys(wrong).length);
  for (const name of Object.keys(wrong)) {
    expect(
      found.some((problem) => new RegExp(`^${name} must be .+\\(got .+\\)\\.$`).test(problem)),
    ).toBe(true);
  }
});

test("a wrong secret is named but not repeated", () => {
  const [problem] = problems({ ENCRYPTION_KEY: "hunter2" });
  expect(problem).toContain("ENCRYPTION_KEY");
  expect(problem).not.toContain("hunter2");
});

test("a database of one's own asks for secrets of one's own", () => {
  expect(problems({ DATABASE_URL: "postgresql://db/tocsin" })).toEqual([
    expect.stringContaining("AUTH_SECRET"),
    expect.stringContaining("ENCRYPTION_KEY"),
  ]);
});
