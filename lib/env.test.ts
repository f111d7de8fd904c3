import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { redeliveryDelayMs } from "#lib/queue/schedule.ts";
import { EnvError, parseEnv } from "./env.ts";
import { envSchema } from "./env-schema.ts";

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

test("a file of authorities that cannot be used is refused at the start, before anything fails by it", () => {
  const names = ["SMTP_CA_FILE", "TARGET_CA_FILE", "NODE_EXTRA_CA_CERTS"];
  for (const path of ["/nowhere/ca.pem", import.meta.dirname, import.meta.filename]) {
    const found = problems(Object.fromEntries(names.map((name) => [name, path])));
    expect(found).toEqual(
      names.map(
        (name) =>
          `${name} must be a readable file of PEM certificates (got ${JSON.stringify(path)}).`,
      ),
    );
  }
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

/** Each with the least and the greatest that is taken, and what lies just outside of them. */
const edges: Record<string, { taken: readonly string[]; refused: readonly string[] }> = {
  PORT: { taken: ["1", "65535"], refused: ["0", "65536", "-1", "1.5", "1e3", "99999999999"] },
  ENGINE_PORT: { taken: ["1", "65535"], refused: ["0", "65536"] },
  WORKERS: { taken: ["1", "64"], refused: ["0", "65"] },
  SLOTS: { taken: ["1", "4096"], refused: ["0", "4097"] },
  INTAKE_QUEUE_MAX: { taken: ["1", "100000000"], refused: ["0", "100000001"] },
  INTAKE_CHANNEL_MAX: { taken: ["1", "100000000"], refused: ["0", "100000001"] },
  INTAKE_AGE_MAX: { taken: ["1s", "720h"], refused: ["999ms", "721h"] },
  REDELIVERY_SCHEDULE: {
    taken: ["0ms", "168h", "84h,84h", Array(20).fill("1s").join(",")],
    refused: [
      "169h",
      "100000h",
      "84h,84h,1ms",
      Array(21).fill("1s").join(","),
      "-5s",
      "5",
      "5s,",
      "99999999999999999999h",
    ],
  },
  NOTIFICATION_WINDOW: {
    taken: ["1s", "24h"],
    refused: ["999ms", "0s", "25h", "86400001ms", "1m,2m"],
  },
  NOTIFICATION_EARLY: { taken: ["0s", "299s"], refused: ["300s", "24h", "25h", "10s,20s"] },
  NOTIFICATION_REMINDERS: {
    taken: ["0s", "720h", Array(20).fill("720h").join(",")],
    refused: ["721h", Array(21).fill("1h").join(","), "100000h"],
  },
  NOTIFICATION_DIGEST_ABOVE: { taken: ["1", "100000"], refused: ["0", "100001"] },
  NOTIFICATION_DIGEST_PAUSE: { taken: ["0s", "168h"], refused: ["169h", "604800001ms"] },
  NOTIFICATION_CHANNEL_CAP: { taken: ["1", "100000"], refused: ["0", "100001"] },
  NOTIFICATION_RECIPIENT_CAP: { taken: ["1", "100000"], refused: ["0", "100001"] },
  ENDPOINT_FAILING_LIMIT: { taken: ["1m", "60s", "8760h"], refused: ["59s", "8761h", "0h"] },
  LOG_RETENTION_DAYS: { taken: ["1", "3650"], refused: ["0", "3651"] },
  ERROR_RETENTION_DAYS: { taken: ["1", "3650"], refused: ["0", "3651"] },
  ROW_RETENTION_DAYS: { taken: ["1", "3650"], refused: ["0", "3651"] },
  AUDIT_RETENTION_DAYS: { taken: ["30", "3650"], refused: ["29", "3651"] },
  MAIL_RETENTION_DAYS: { taken: ["1", "3650"], refused: ["0", "3651"] },
};

test.each(Object.entries(edges))(
  "%s is taken up to its edges and refused beyond, in words",
  (name, { taken, refused }) => {
    for (const value of taken) expect(problems({ [name]: value })).toEqual([]);
    for (const value of refused) {
      const [problem = ""] = problems({ [name]: value });
      // Which variable, what is allowed, what was found.
      expect(problem).toMatch(/^[A-Z_]+ must be .*\d.* to .*\d.* \(got ".*"\)\.$/);
      expect(problem).toContain(`${name} must be `);
      expect(problem).toContain(`(got ${JSON.stringify(value)})`);
    }
  },
);

test("every setting that is a number or a duration has edges in the table", () => {
  const numeric = Object.entries(envSchema.shape).filter(([, schema]) => {
    const fallback = schema.safeParse(undefined).data;
    return (
      typeof fallback === "number" ||
      (Array.isArray(fallback) && fallback.length > 0 && typeof fallback[0] === "number")
    );
  });
  expect(numeric.map(([name]) => name).sort()).toEqual(Object.keys(edges).sort());
});

test("the longest settings that are taken fit the columns and statements that they go into", () => {
  const int4Max = 2 ** 31 - 1;
  const env = parseEnv({ REDELIVERY_SCHEDULE: "168h", NOTIFICATION_WINDOW: "24h" });
  const delay = redeliveryDelayMs({
    failures: 1,
    statusCode: null,
    retryAfterMs: null,
    scheduleMs: env.redeliveryScheduleMs,
    random: 1,
  });
  expect(delay).toBeLessThan(int4Max);
  expect(env.notificationWindowMs).toBeLessThan(int4Max);
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

test("README's table names every variable that people set", () => {
  const readme = readFileSync("README.md", "utf8");
  // Told as `…_SECRET` of the one before them.
  const secrets = ["AUTH_GITHUB_SECRET", "AUTH_GOOGLE_SECRET", "AUTH_LINE_SECRET"];
  const ours = ["NODE_ENV", "PEER_ADDRESS_HEADER", ...secrets];
  const missing = Object.keys(envSchema.shape).filter(
    (name) => !ours.includes(name) && !readme.includes(`\`${name}\``),
  );
  expect(missing, "give each a line in README's table under Configuration").toEqual([]);
});
