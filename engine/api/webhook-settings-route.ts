import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import type { CheckedUrl } from "#lib/channels/schema.ts";
import { prepareVerify } from "#lib/channels/verify-webhook.ts";
import type { Database } from "#lib/db.ts";
import { type Limit, takeTry } from "#lib/limits/rate-limit.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { parseJson } from "./read-body.ts";

/** Of a channel and call (docs/platform.md#checks-and-settings), whoever asks and whatever process answers. */
export const endpointLimits = {
  GET: { name: "bot-api:endpoint:get", max: 1_000, windowMs: 60_000 },
  PUT: { name: "bot-api:endpoint:put", max: 1_000, windowMs: 60_000 },
} as const satisfies Record<string, Limit>;

const endpointPath = "/v2/bot/channel/webhook/endpoint";
const Endpoint = z.object({ endpoint: z.string().max(500) });

type Options = {
  database: Database;
  encryptionKey: Buffer;
  policy: TargetPolicy;
  sender: Pick<Sender, "send">;
  timeZone: string;
  channelIdOf: (request: FastifyRequest) => string;
  actorOf: (request: FastifyRequest) => Actor;
};
type Body = { Body: Buffer | undefined };

/**
 * The webhook settings of the channel that the access token is of, as bots call them on the LINE Platform (docs/bot-api.md):
 * paths, bodies, statuses and messages are its own, so that `@line/bot-sdk` works unchanged.
 */
export function addWebhookSettingsRoutes(app: FastifyInstance, options: Options): void {
  const { database, policy, channelIdOf, actorOf } = options;
  const { db } = database;

  app.get(endpointPath, async (request) => {
    await take(endpointLimits.GET, request);
    const { webhookUrl, useWebhook } = await findChannel(channelIdOf(request));
    if (webhookUrl === null) throw noEndpoint();
    return { endpoint: webhookUrl, active: useWebhook };
  });

  app.put<Body>(endpointPath, async (request) => {
    await take(endpointLimits.PUT, request);
    const url = readEndpoint(Endpoint, request.body).endpoint;
    checkUrl(url);
    await setWebhookUrl(db, policy, actorOf(request), channelIdOf(request), url);
    return {};
  });

  app.post<Body>("/v2/bot/channel/webhook/test", async (request) => {
    const given = readEndpoint(Endpoint.partial(), request.body).endpoint;
    const channel = await findChannel(channelIdOf(request));
    const url = given ?? channel.webhookUrl;
    if (url === null) throw noEndpoint();
    checkUrl(url);
    const deps = { ...options, db, actor: actorOf(request) };
    const check = await prepareVerify(deps, { ...channel, webhookUrl: url }).catch(asLimited);
    const timestamp = (await databaseTime(db)).toISOString();
    return describe(await check(), timestamp);
  });

  const take = (limit: Limit, request: FastifyRequest) =>
    takeTry(db, limit, channelIdOf(request)).catch(asLimited);

  const findChannel = async (id: string) => {
    const select = { id: true, webhookUrl: true, useWebhook: true, botUserId: true } as const;
    const channel = await db.channel.findUnique({ where: { id }, select });
    // Its token went with it, in the moment after the question whose it is.
    if (channel === null) throw new AppError("unauthenticated", "The channel no longer exists.");
    return channel;
  };

  const checkUrl = (url: string) => {
    const verdict = policy.checkUrl(url);
    if (!verdict.ok) throw invalidEndpoint(verdict.message);
  };
}

/** An empty body is one that gives nothing. @throws AppError invalid */
function readEndpoint<Schema extends z.ZodType>(
  schema: Schema,
  body: Buffer | undefined,
): z.infer<Schema> {
  const value = body === undefined || body.length === 0 ? {} : parseJson(body);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidEndpoint(parsed.error.issues[0]?.message ?? "is not a URL");
}

/** A check as the platform words it: a failed one is an answer like another. */
function describe({ outcome, url }: CheckedUrl, timestamp: string): Record<string, unknown> {
  if (outcome.state === "success") {
    const { statusCode } = outcome;
    return { success: true, timestamp, statusCode, reason: "OK", detail: String(statusCode) };
  }
  const { reason, detail, statusCode } = outcome.error;
  if (detail === "Unknown host") throw invalidEndpoint("the host name does not resolve");
  return {
    success: false,
    timestamp,
    statusCode: statusCode ?? 0,
    reason: reason.toUpperCase(),
    detail: reason === "could_not_connect" ? `${detail}: ${url}` : detail,
  };
}

const noEndpoint = () => new AppError("not_found", "Webhook endpoint not found");

const invalidEndpoint = (message: string) =>
  new AppError("invalid", "Invalid webhook endpoint URL", {
    details: [{ message, property: "endpoint" }],
  });

/** The platform's own words; how long to wait stands in the header `Retry-After`. */
function asLimited(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "rate_limited") throw error;
  const { values } = error;
  throw new AppError("rate_limited", "The API rate limit has been exceeded. Try again later.", {
    values,
  });
}
