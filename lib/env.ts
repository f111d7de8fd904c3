import type { z } from "zod";
import { type ProviderSettings, readProviders } from "#lib/accounts/provider-settings.ts";
import type { SignUpMode } from "#lib/accounts/schema.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import type { IntakeLimits } from "#lib/intake/schema.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { envSchema } from "./env-schema.ts";
import { keyRing } from "./sealing.ts";

/** A wrong environment. Each problem names the variable, what is expected and what was found. */
export class EnvError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The environment variables are not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    this.name = "EnvError";
    this.problems = problems;
  }
}

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
  /** For a key that lies in the data folder, which is not in the environment to open with them. */
  oldEncryptionKeys: readonly Buffer[];
  /** Names of keys that are lost for good (lib/sealed-with.ts). */
  lostKeyNames: readonly string[];
  /** Undefined: mails are kept and shown under Operations > Outbox. */
  smtpUrl: string | undefined;
  mailFrom: string;
  /** PEM with further authorities for the mail server and the mailbox of bounces. */
  smtpCaFile: string | undefined;
  /** Undefined: bounces are not read. */
  bounceImapUrl: string | undefined;
  workers: number;
  /** Requests one worker has on the wire at once. */
  slots: number;
  /** From where on no more events are taken in. */
  intakeLimits: IntakeLimits;
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
  /**
   * The header that says where a request comes from: X-Forwarded-For where a reverse proxy is trusted to set it, else that of
   * the connection itself. Null where neither can be: the header is anybody's word, and https means a proxy in between.
   */
  visitorAddressHeader: string | null;
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
  const parsed = envSchema.safeParse(given);
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
  if (given.NOTIFICATION_EARLY !== undefined && e.NOTIFICATION_EARLY >= e.NOTIFICATION_WINDOW) {
    throw new EnvError([
      `NOTIFICATION_EARLY must be from 0s to less than NOTIFICATION_WINDOW, which is ${e.NOTIFICATION_WINDOW / 1_000}s (got ${JSON.stringify(given.NOTIFICATION_EARLY)}).`,
    ]);
  }
  const { providers, problems } = readProviders(e);
  if (problems.length > 0) throw new EnvError(problems);
  const baseUrl = (e.BASE_URL ?? `http://localhost:${e.PORT}`).replace(/\/+$/, "");
  return {
    production: e.NODE_ENV === "production",
    databaseUrl: e.DATABASE_URL,
    dataDir: e.DATA_DIR,
    port: e.PORT,
    enginePort: e.ENGINE_PORT,
    baseUrl,
    authSecret: e.AUTH_SECRET,
    encryptionKey:
      e.ENCRYPTION_KEY === undefined
        ? undefined
        : keyRing(Buffer.from(e.ENCRYPTION_KEY, "hex"), e.ENCRYPTION_KEYS_OLD),
    oldEncryptionKeys: e.ENCRYPTION_KEYS_OLD,
    lostKeyNames: e.ENCRYPTION_KEYS_LOST,
    smtpUrl: e.SMTP_URL,
    mailFrom: e.MAIL_FROM,
    smtpCaFile: e.SMTP_CA_FILE,
    bounceImapUrl: e.BOUNCE_IMAP_URL,
    workers: e.WORKERS,
    slots: e.SLOTS,
    intakeLimits: {
      queueMax: e.INTAKE_QUEUE_MAX,
      channelMax: e.INTAKE_CHANNEL_MAX,
      ageMaxMs: e.INTAKE_AGE_MAX,
    },
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
      earlyMs: e.NOTIFICATION_EARLY < e.NOTIFICATION_WINDOW ? e.NOTIFICATION_EARLY : 0,
      reminderPausesMs: e.NOTIFICATION_REMINDERS,
      digestAbove: e.NOTIFICATION_DIGEST_ABOVE,
      digestPauseMs: e.NOTIFICATION_DIGEST_PAUSE,
      channelCapPerDay: e.NOTIFICATION_CHANNEL_CAP,
      recipientCapPerHour: e.NOTIFICATION_RECIPIENT_CAP,
      displayTimeZone: e.DISPLAY_TIME_ZONE,
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
    visitorAddressHeader: visitorAddressHeader(e.TRUSTED_PROXY, baseUrl, e.PEER_ADDRESS_HEADER),
    logLevel: e.LOG_LEVEL,
  };
}

/** What ends TLS in front is whom a console reached by https is connected to. */
function visitorAddressHeader(
  trustsProxy: boolean,
  baseUrl: string,
  peerHeader: string | undefined,
): string | null {
  if (trustsProxy) return "x-forwarded-for";
  return baseUrl.startsWith("http:") ? (peerHeader ?? null) : null;
}

const secretNames = new Set([
  "DATABASE_URL",
  "AUTH_SECRET",
  "ENCRYPTION_KEY",
  "ENCRYPTION_KEYS_OLD",
  "SMTP_URL",
  "BOUNCE_IMAP_URL",
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
      "DATABASE_URL, AUTH_SECRET and ENCRYPTION_KEY must be set to run this part on its own (`npm start` sets them).",
    ]);
  }
  return { ...rest, databaseUrl, authSecret, encryptionKey };
}
