import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { z } from "zod";
import { signUpModes } from "#lib/accounts/schema.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

const flag = (fallback: boolean) =>
  z
    .enum(["true", "false", "1", "0"], { error: "true or false" })
    .transform((value) => value === "true" || value === "1")
    .default(fallback);

const whole = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, {
      error: `a whole number from ${min} to ${max}`,
    })
    .default(fallback);

type Length = `${number}${keyof typeof unitMs}`;

const toMs = (text: string): number => {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
};

/** Some gaps, each within bounds that every calculation with them can bear, and together too. */
const durations = (bounds: { min: Length; max: Length; count: number; sum?: Length }) => {
  const { min, max, count, sum } = bounds;
  const together = sum === undefined ? "" : `, together at most ${sum}`;
  const error = `1 to ${count} durations from ${min} to ${max}${together}, such as "5s, 30s, 2m"`;
  return z
    .string()
    .regex(/^\s*\d+(ms|s|m|h)(\s*,\s*\d+(ms|s|m|h))*\s*$/, { error })
    .transform((text) => text.split(",").map(toMs))
    .refine(
      (list) =>
        list.length <= count &&
        list.every((ms) => ms >= toMs(min) && ms <= toMs(max)) &&
        list.reduce((total, ms) => total + ms, 0) <=
          toMs(sum ?? max) * (sum === undefined ? count : 1),
      { error },
    );
};

const duration = (fallback: Length, { min, max }: { min: Length; max: Length }) => {
  const error = `one duration from ${min} to ${max}, such as "${fallback}"`;
  return z
    .string()
    .regex(/^\s*\d+(ms|s|m|h)\s*$/, { error })
    .transform(toMs)
    .refine((ms) => ms >= toMs(min) && ms <= toMs(max), { error })
    .default(toMs(fallback));
};

const cidr = (text: string): boolean => {
  const [address = "", prefix] = text.split("/");
  const family = isIP(address);
  if (family === 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
  );
};

const cidrList = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .refine((parts) => parts.every(cidr), {
    error: 'addresses or CIDR ranges separated by commas, such as "127.0.0.0/8, ::1"',
  });

const timeZone = z.string().refine(
  (zone) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  },
  { error: 'an IANA time zone, such as "Asia/Tokyo" or "UTC"' },
);

const isMailbox = (text: string): boolean => {
  try {
    parseMailbox(text);
    return true;
  } catch {
    return false;
  }
};

const certificateFile = z.string().refine(
  (path) => {
    try {
      return /^-----BEGIN (TRUSTED )?CERTIFICATE-----/m.test(readFileSync(path, "utf8"));
    } catch {
      return false;
    }
  },
  { error: "a readable file of PEM certificates" },
);

const url = (protocols: readonly string[], example: string) =>
  z.string().refine(
    (text) => {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed !== undefined && protocols.includes(parsed.protocol);
    },
    { error: `a URL such as ${example}` },
  );

/** Every variable that the product reads, with what is expected of it and its default. */
export const envSchema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  DATABASE_URL: url(
    ["postgres:", "postgresql:"],
    "postgresql://user:password@host/name",
  ).optional(),
  DATA_DIR: z.string().min(1).default(".data"),
  PORT: whole(1, 65_535, 3000),
  ENGINE_PORT: whole(1, 65_535, 3001),
  BASE_URL: url(["http:", "https:"], "https://console.example.com").optional(),
  AUTH_SECRET: z.string().min(32, { error: "at least 32 characters" }).optional(),
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, { error: "64 hexadecimal digits (32 bytes)" })
    .optional(),
  ENCRYPTION_KEYS_OLD: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .refine((keys) => keys.every((key) => /^[0-9a-f]{64}$/i.test(key)), {
      error: "keys of 64 hexadecimal digits, separated by commas",
    })
    .transform((keys) => keys.map((key) => Buffer.from(key, "hex")))
    .default([]),
  ENCRYPTION_KEYS_LOST: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .refine((names) => names.every((name) => /^[0-9a-f]{8}$/.test(name)), {
      error: "names of keys, 8 hexadecimal digits each, separated by commas",
    })
    .default([]),
  SMTP_URL: url(["smtp:", "smtps:"], "smtp://user:password@mail.example.com:587").optional(),
  SMTP_CA_FILE: certificateFile.optional(),
  BOUNCE_IMAP_URL: url(
    ["imap:", "imaps:"],
    "imaps://user:password@mail.example.com/INBOX",
  ).optional(),
  MAIL_FROM: z
    .string()
    .refine(isMailbox, { error: 'an address such as "Tocsin <tocsin@example.com>"' })
    .default("Tocsin <tocsin@localhost>"),
  WORKERS: whole(1, 64, 1),
  SLOTS: whole(1, 4096, 256),
  INTAKE_QUEUE_MAX: whole(1, 100_000_000, 1_000_000),
  INTAKE_CHANNEL_MAX: whole(1, 100_000_000, 250_000),
  INTAKE_AGE_MAX: duration("6h", { min: "1s", max: "720h" }),
  ALLOW_TARGETS: cidrList.default([]),
  ALLOW_HTTP_TARGETS: flag(false),
  TARGET_CA_FILE: certificateFile.optional(),
  NODE_EXTRA_CA_CERTS: certificateFile.optional(),
  DISPLAY_TIME_ZONE: timeZone.default("Asia/Tokyo"),
  // A week in all: what ends later than it and INTAKE_AGE_MAX allow has no place in the log left (lib/retention/partitions.ts).
  REDELIVERY_SCHEDULE: durations({ min: "0ms", max: "168h", count: 20, sum: "168h" }).default([
    5_000, 30_000, 120_000, 300_000, 600_000, 720_000,
  ]),
  ERROR_NOTIFICATION: z.enum(["apply", "open"], { error: "apply or open" }).default("apply"),
  NOTIFICATION_WINDOW: duration("300s", { min: "1s", max: "24h" }),
  // Below NOTIFICATION_WINDOW; unset, a window that is not longer turns it off (lib/env.ts).
  NOTIFICATION_EARLY: duration("20s", { min: "0s", max: "24h" }),
  NOTIFICATION_REMINDERS: durations({ min: "0s", max: "720h", count: 20 }).default([
    3_600_000, 21_600_000, 86_400_000,
  ]),
  NOTIFICATION_DIGEST_ABOVE: whole(1, 100_000, 5),
  NOTIFICATION_DIGEST_PAUSE: duration("1h", { min: "0s", max: "168h" }),
  NOTIFICATION_CHANNEL_CAP: whole(1, 100_000, 6),
  NOTIFICATION_RECIPIENT_CAP: whole(1, 100_000, 20),
  ENDPOINT_FAILING_LIMIT: duration("72h", { min: "1m", max: "8760h" }),
  SUSPEND_FAILING_ENDPOINTS: flag(false),
  LOG_RETENTION_DAYS: whole(1, 3650, 30),
  ERROR_RETENTION_DAYS: whole(1, 3650, 90),
  ROW_RETENTION_DAYS: whole(1, 3650, 400),
  AUDIT_RETENTION_DAYS: whole(30, 3650, 400),
  MAIL_RETENTION_DAYS: whole(1, 3650, 90),
  SIGN_UP: z.enum(signUpModes, { error: "invitation, operator or open" }).default("invitation"),
  AUTH_OIDC_ISSUER: url(["http:", "https:"], "https://id.example.com").optional(),
  AUTH_OIDC_NAME: z.string().min(1).max(40).default("SSO"),
  AUTH_OIDC_ID: z.string().min(1).optional(),
  AUTH_OIDC_SECRET: z.string().min(1).optional(),
  AUTH_GITHUB_ID: z.string().min(1).optional(),
  AUTH_GITHUB_SECRET: z.string().min(1).optional(),
  AUTH_GOOGLE_ID: z.string().min(1).optional(),
  AUTH_GOOGLE_SECRET: z.string().min(1).optional(),
  AUTH_LINE_ID: z.string().min(1).optional(),
  AUTH_LINE_SECRET: z.string().min(1).optional(),
  TRUSTED_PROXY: flag(false),
  /** Made by the start command for its console, not for people: engine/start/tell-peer-address.mjs. */
  PEER_ADDRESS_HEADER: z.string().optional(),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "silent"], {
      error: "fatal, error, warn, info, debug or silent",
    })
    .default("info"),
});
