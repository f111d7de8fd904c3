import { randomUUID } from "node:crypto";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { endStalledSockets } from "#engine/stalled-sockets.mjs";
import { logFailure } from "#lib/database-log.ts";
import { databaseUses } from "#lib/database-uses.ts";
import { type Database, type DatabaseUse, openDatabase } from "#lib/db.ts";
import type { IntakeLimits } from "#lib/intake/schema.ts";
import type { Log } from "#lib/log.ts";
import { openReading } from "#lib/reading/open-reading.ts";
import type { RetentionDays } from "#lib/retention/partitioned-tables.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { findChannelToken } from "#lib/tokens/find-channel-token.ts";
import { findPlatformKey } from "#lib/tokens/find-platform-key.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { createBearerCheck } from "./authenticate.ts";
import { takeCodedBodies, takePlainBodies } from "./body-parsers.ts";
import { addChannelRoutes } from "./channels-route.ts";
import { addErrorRoutes } from "./errors-route.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { openIntake } from "./intake.ts";
import { addMemberRoutes } from "./members-route.ts";
import { addProviderRoutes } from "./providers-route.ts";
import type { ProvisioningOptions } from "./provisioning-options.ts";
import { handleError } from "./respond.ts";
import { addWebhookSettingsRoutes } from "./webhook-settings-route.ts";
import { addWebhookRoutes } from "./webhooks-route.ts";

/** A platform key that is revoked works for so long: intake asks for it thousands of times a second. */
const rememberKeysMs = 5_000;

export type ApiOptions = {
  /** For settings, members and tokens; intake, files, lists and health have connections of their own to the same database. */
  database: Database;
  log: Log;
  intakeLimits: IntakeLimits;
  /** Within what readiness and figures answer, whatever the database does. */
  probeMs?: number;
  statistics: {
    retentionDays: RetentionDays;
    /** Of dates and times in files. */
    timeZone: string;
  };
  provisioning: Pick<ProvisioningOptions, "encryptionKey" | "policy">;
  /** Sends the checks that bots ask for. */
  sender: Pick<Sender, "send">;
  /** Where a range of statistics that is still open ends; absent: at the database's time. */
  now?: () => Date;
};

/** The engine's HTTP side: intake and statistics for the platform's services, and health. Not listening yet. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { database } = options;
  const now = async () => options.now?.() ?? poolTime(database.pool);
  const log: FastifyBaseLogger = options.log;
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestTimeout: 30_000,
    exposeHeadRoutes: false,
  });
  endStalledSockets(app.server);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "tocsin_api_request_seconds",
    help: "Time from a request's arrival to its answer",
    labelNames: ["route", "status"] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const { intake, intakePool, probe, files, reading } = openUses(app, options);
  takePlainBodies(app);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: "Not found" }));
  app.addHook("onSend", async (request, reply) => {
    reply.header("x-line-request-id", request.id);
    reply.header("x-content-type-options", "nosniff");
  });
  app.addHook("onResponse", async (request, reply) => {
    duration.observe(
      { route: request.routeOptions.url ?? "unknown", status: reply.statusCode },
      reply.elapsedTime / 1_000,
    );
  });

  addHealthRoutes(app, probe.pool, {
    process: registry,
    retention: options.statistics.retentionDays,
    trouble: intake.trouble,
    countCrowded: intake.countCrowded,
    log: options.log,
    answerWithinMs: options.probeMs ?? 900,
  });
  const visitorOf = (request: FastifyRequest) => ({
    address: null,
    userAgent: request.headers["user-agent"] ?? null,
  });
  const platformKeys = createBearerCheck({
    find: (key) => findPlatformKey(intakePool, key),
    refusal:
      "Authentication failed: send a valid platform key as `Authorization: Bearer <platform key>`.",
    rememberMs: rememberKeysMs,
  });
  void app.register(async (platform) => {
    platform.addHook("onRequest", platformKeys.check);
    void platform.register(async (events) => {
      takeCodedBodies(events);
      addWebhookRoutes(events, intake.add);
    });
    const actorOf = (request: FastifyRequest) => ({
      kind: "platform_key" as const,
      ...platformKeys.bearerOf(request),
      from: visitorOf(request),
    });
    const { retentionDays, timeZone } = options.statistics;
    const kept = { retentionDays: retentionDays.rows, timeZone };
    addErrorRoutes(platform, { ...kept, database, files: files.pool, reading, now, actorOf });
    const provisioning = { ...options.provisioning, database, actorOf };
    addProviderRoutes(platform, provisioning);
    addChannelRoutes(platform, provisioning);
    addMemberRoutes(platform, provisioning);
  });
  const channelTokens = createBearerCheck({
    find: (token) => findChannelToken(database.pool, token),
    refusal:
      "Authentication failed: send a valid channel access token as `Authorization: Bearer <token>`.",
    rememberMs: 0,
  });
  void app.register(async (bots) => {
    bots.addHook("onRequest", channelTokens.check);
    addWebhookSettingsRoutes(bots, {
      ...options.provisioning,
      database,
      sender: options.sender,
      timeZone: options.statistics.timeZone,
      channelIdOf: (request) => channelTokens.bearerOf(request).id,
      actorOf: (request) => ({
        kind: "channel_token",
        ...channelTokens.bearerOf(request),
        from: visitorOf(request),
      }),
    });
  });
  return app;
}

/** Connections for each use, so that none waits for another's; they close with the API. */
function openUses(app: FastifyInstance, options: ApiOptions) {
  const { log } = options;
  const url = String(options.database.pool.options.connectionString);
  const onIdleError = (error: Error) =>
    logFailure(log, error, "an idle connection was lost", { level: "warn" });
  const open = (name: string, use: DatabaseUse) =>
    openDatabase(url, { ...use, name: `tocsin-api ${name}`, onIdleError });
  const forIntake = open("intake", databaseUses.intake);
  const probe = open("probe", options.probeMs === undefined ? databaseUses.probe : {});
  const files = open("files", databaseUses.files);
  const reading = openReading(url, { name: "tocsin-api reading", onIdleError });
  const intake = openIntake({ pool: forIntake.pool, limits: options.intakeLimits, log });
  app.addHook("onClose", async () => {
    await intake.stop();
    await Promise.all([forIntake, probe, files, reading].map((one) => one.close()));
  });
  return { intake, intakePool: forIntake.pool, probe, files, reading };
}
