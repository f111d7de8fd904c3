import { isIP } from "node:net";
import { z } from "zod";
import { type ProviderSettings, readProviders } from "#lib/accounts/provider-settings.ts";
import { type SignUpMode, signUpModes } from "#lib/accounts/schema.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import { parseMailbox } from "#lib/notifications/mail-address.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { keyRing } from "./sealing.ts";

/** A wrong environment. Each problem names the variable, what is expected and what was found. */
export class EnvError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    this.name = "EnvError";
    this.problems = problems;
  }
}

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

const durations = z
  .string()
  .regex(/^\s*\d+(ms|s|m|h)(\s*,\s*\d+(ms|s|m|h))*\s*$/, {
    error: 'durations with a unit, such as "5s, 30s, 2m"',
  })
  .transform((text) =>
    text.split(",").map((part) => {
      const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(part.trim()) ?? [];
      return Number(amount) * unitMs[unit as keyof typeof unitMs];
    }),
  );

const duration = (fallbackMs: number, example: string) =>
  durations
    .refine((list) => list.length === 1, { error: `one duration, such as "${example}"` })
    .transform((list) => list[0] ?? fallbackMs)
    .default(fallbackMs);

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

const url = (protocols: readonly string[], example: string) =>
  z.string().refine(
    (text) => {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed !== undefined && protocols.includes(parsed.protocol);
    },
    { error: `a URL such as ${example}` },
  );

const schema = z.object({
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
  SMTP_URL: url(["smtp:", "smtps:"], "smtp://user:password@mail.example.com:587").optional(),
  MAIL_FROM: z
    .string()
    .refine(isMailbox, { error: 'an address such as "Tocsin <tocsin@example.com>"' })
    .default("Tocsin <tocsin@localhost>"),
  WORKERS: whole(1, 64, 1),
  SLOTS: whole(1, 4096, 256),
  ALLOW_TARGETS: cidrList.default([]),
  ALLOW_HTTP_TARGETS: flag(false),
  TARGET_CA_FILE: z.string().min(1).optional(),
  NODE_EXTRA_CA_CERTS: z.string().min(1).optional(),
  DISPLAY_TIME_ZONE: timeZone.default("Asia/Tokyo"),
  REDELIVERY_SCHEDULE: durations.default([5_000, 30_000, 120_000, 300_000, 600_000, 720_000]),
  ERROR_NOTIFICATION: z.enum(["apply", "open"], { error: "apply or open" }).default("apply"),
  NOTIFICATION_WINDOW: duration(300_000, "300s"),
  NOTIFICATION_REMINDERS: durations.default([3_600_000, 21_600_000, 86_400_000]),
  NOTIFICATION_DIGEST_ABOVE: whole(1, 100_000, 5),
  NOTIFICATION_DIGEST_PAUSE: duration(3_600_000, "1h"),
  NOTIFICATION_CHANNEL_CAP: whole(1, 100_000, 6),
  NOTIFICATION_RECIPIENT_CAP: whole(1, 100_000, 20),
  ENDPOINT_FAILING_LIMIT: duration(259_200_000, "72h").refine((ms) => ms >= 60_000, {
    error: 'at least one minute, such as "72h"',
  }),
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
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "silent"], {
      error: "fatal, error, warn, info, debug or silent",
    })
    .default("info"),
});

export type Env = {
  production: boolean;
  /** Undefined: the embedded database is used. */
  databaseUrl: string | undefined;
  dataDir: string;
  port: number;
  enginePort: number;
  /** Where people reach the console; no trailing slash. */
  baseUrl: string;
  authSecret: string | undefined;
  /** Opens what ENCRYPTION_KEYS_OLD sealed, too. */
  encryptionKey: Buffer | undefined;
  /** Undefined: mails are kept and shown under Operations > Outbox. */
  smtpUrl: string | undefined;
  mailFrom: string;
  workers: number;
  /** Requests one worker has on the wire at once. */
  slots: number;
  allowTargets: readonly string[];
  allowHttpTargets: boolean;
  targetCaFile: string | undefined;
  /** Node reads it by itself, unless there is a `targetCaFile` too. */
  extraCaFile: string | undefined;
  displayTimeZone: string;
  redeliveryScheduleMs: readonly number[];
  notificationWindowMs: number;
  notificationPolicy: NotificationPolicy;
  /** When a bot server that does nothing but fail has failed for too long, and whether sending to it stops then. */
  failingPolicy: FailingPolicy;
  signUp: SignUpMode;
  /** Ways to sign in beside the password, in the order that they are shown in. */
  signInProviders: readonly ProviderSettings[];
  /** `mails`: notifications and alerts, too. */
  retentionDays: { log: number; errors: number; rows: number; audit: number; mails: number };
  /** A reverse proxy in front sets X-Forwarded-For; false: the header is anybody's word and is not read. */
  trustedProxy: boolean;
  logLevel: string;
};

/**
 * The parsed environment. Empty values count as absent.
 * @throws EnvError naming each wrong variable, what is expected and what was found (secrets are not repeated).
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new EnvError(parsed.error.issues.map((issue) => describe(issue, given)));
  }
  const e = parsed.data;
  const missing = (["AUTH_SECRET", "ENCRYPTION_KEY"] as const).filter(
    (name) => e.DATABASE_URL !== undefined && e[name] === undefined,
  );
  if (missing.length > 0) {
    throw new EnvError(
      missing.map(
        (name) => `${name} must be set when DATABASE_URL is set: it would be lost otherwise.`,
      ),
    );
  }
  const { providers, problems } = readProviders(e);
  if (problems.length > 0) throw new EnvError(problems);
  return {
    production: e.NODE_ENV === "production",
    databaseUrl: e.DATABASE_URL,
    dataDir: e.DATA_DIR,
    port: e.PORT,
    enginePort: e.ENGINE_PORT,
    baseUrl: (e.BASE_URL ?? `http://localhost:${e.PORT}`).replace(/\/+$/, ""),
    authSecret: e.AUTH_SECRET,
    encryptionKey:
      e.ENCRYPTION_KEY === undefined
        ? undefined
        : keyRing(Buffer.from(e.ENCRYPTION_KEY, "hex"), e.ENCRYPTION_KEYS_OLD),
    smtpUrl: e.SMTP_URL,
    mailFrom: e.MAIL_FROM,
    workers: e.WORKERS,
    slots: e.SLOTS,
    allowTargets: e.ALLOW_TARGETS,
    allowHttpTargets: e.ALLOW_HTTP_TARGETS,
    targetCaFile: e.TARGET_CA_FILE,
    extraCaFile: e.NODE_EXTRA_CA_CERTS,
    displayTimeZone: e.DISPLAY_TIME_ZONE,
    redeliveryScheduleMs: e.REDELIVERY_SCHEDULE,
    notificationWindowMs: e.NOTIFICATION_WINDOW,
    notificationPolicy: {
      access: e.ERROR_NOTIFICATION,
      windowMs: e.NOTIFICATION_WINDOW,
      reminderPausesMs: e.NOTIFICATION_REMINDERS,
      digestAbove: e.NOTIFICATION_DIGEST_ABOVE,
      digestPauseMs: e.NOTIFICATION_DIGEST_PAUSE,
      channelCapPerDay: e.NOTIFICATION_CHANNEL_CAP,
      recipientCapPerHour: e.NOTIFICATION_RECIPIENT_CAP,
    },
    failingPolicy: { limitMs: e.ENDPOINT_FAILING_LIMIT, suspends: e.SUSPEND_FAILING_ENDPOINTS },
    retentionDays: {
      log: e.LOG_RETENTION_DAYS,
      errors: e.ERROR_RETENTION_DAYS,
      rows: e.ROW_RETENTION_DAYS,
      audit: e.AUDIT_RETENTION_DAYS,
      mails: e.MAIL_RETENTION_DAYS,
    },
    signUp: e.SIGN_UP,
    signInProviders: providers,
    trustedProxy: e.TRUSTED_PROXY,
    logLevel: e.LOG_LEVEL,
  };
}

const secretNames = new Set([
  "DATABASE_URL",
  "AUTH_SECRET",
  "ENCRYPTION_KEY",
  "ENCRYPTION_KEYS_OLD",
  "SMTP_URL",
  "AUTH_OIDC_SECRET",
  "AUTH_GITHUB_SECRET",
  "AUTH_GOOGLE_SECRET",
  "AUTH_LINE_SECRET",
]);

function describe(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0] ?? "");
  const found = secretNames.has(name) ? "another value" : JSON.stringify(given[name]);
  return `${name} must be ${issue.message} (got ${found}).`;
}

let current: Env | undefined;

/** The environment of this process, parsed once. */
export function env(): Env {
  current ??= parseEnv(process.env);
  return current;
}

/** next-auth makes the addresses that providers send people back to from AUTH_URL, not from what a request claims. */
export function tellNextAuthItsUrl(): void {
  process.env.AUTH_URL = new URL(env().baseUrl).origin;
}

/** What a running part of the product cannot do without; the start command fills in what was left unset. */
export type RuntimeEnv = Env & { databaseUrl: string; authSecret: string; encryptionKey: Buffer };

/** @throws EnvError when a part is started by hand without what the start command would have given it. */
export function runtimeEnv(): RuntimeEnv {
  const { databaseUrl, authSecret, encryptionKey, ...rest } = env();
  if (databaseUrl === undefined || authSecret === undefined || encryptionKey === undefined) {
    throw new EnvError([
      "DATABASE_URL, AUTH_SECRET and ENCRYPTION_KEY must be set to run this part alone (`npm start` sets them).",
    ]);
  }
  return { ...rest, databaseUrl, authSecret, encryptionKey };
}
