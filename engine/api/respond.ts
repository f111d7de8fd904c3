import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, statusOf } from "#lib/app-error.ts";
import type { ChannelTrouble, IntakeTrouble } from "#lib/intake/schema.ts";
import { troubleOf } from "#lib/intake/trouble-of.ts";

/** LINE's error shape: `details` is left out when there are none. */
export function toErrorBody(error: AppError): {
  message: string;
  details?: { message: string; property: string }[];
} {
  return error.details.length === 0
    ? { message: error.message }
    : { message: error.message, details: [...error.details] };
}

export const toStatus = (error: AppError): number => statusOf[error.code];

/** Turns whatever a route threw into the answer: refusals as they are, defects as one neutral sentence and an id. */
export function handleError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const refusal = toRefusal(error, request.routeOptions.bodyLimit);
  if (refusal !== undefined) {
    const seconds = secondsToWait(refusal);
    if (seconds !== undefined) void reply.header("retry-after", String(seconds));
    const { acceptEncoding } = refusal.values;
    if (acceptEncoding !== undefined) void reply.header("accept-encoding", acceptEncoding);
    void reply.code(toStatus(refusal)).send(toErrorBody(refusal));
    return;
  }
  request.log.error({ err: error }, "a request failed unexpectedly");
  void reply
    .code(500)
    .send({ message: `Something went wrong on our side. Reference: ${request.id}` });
}

function secondsToWait({ code, values }: AppError): string | number | undefined {
  if (code === "unavailable") return values.seconds ?? 1;
  return code === "rate_limited" ? values.seconds : undefined;
}

function toRefusal(error: FastifyError | Error, bodyBytesMax: number): AppError | undefined {
  if (error instanceof AppError) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new AppError("too_large", `The request body must be at most ${bodyBytesMax} bytes`);
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new AppError("invalid", "Content-Type must be application/json");
  }
  const unavailable = toUnavailable(error);
  if (unavailable !== undefined) return unavailable;
  return "statusCode" in error && typeof error.statusCode === "number" && error.statusCode < 500
    ? new AppError("invalid", error.message)
    : undefined;
}

/** The refusal that an error of the database comes to when it may pass by itself. */
export function toUnavailable(error: unknown): AppError | undefined {
  const trouble = troubleOf(error);
  return trouble === null ? undefined : troubleRefusal(trouble, error);
}

const again = "Send it again, with the same Idempotency-Key.";
/** What callers are told, and after how many seconds they may come back. */
const troubles: Record<IntakeTrouble | ChannelTrouble, { message: string; seconds: number }> = {
  queue_long: {
    message: `Too many webhooks are waiting to be delivered, so nothing was accepted. ${again}`,
    seconds: 10,
  },
  channel_long: {
    message: `Too many webhooks of this channel are waiting to be delivered, so nothing was accepted. ${again}`,
    seconds: 10,
  },
  channel_old: {
    message: `Webhooks of this channel have been waiting too long to be delivered, so nothing was accepted. ${again}`,
    seconds: 10,
  },
  disk_full: {
    message: `The database has no space left, so nothing was accepted. ${again}`,
    seconds: 10,
  },
  database_busy: {
    message: `The database is too busy: what you sent may or may not have been accepted. ${again}`,
    seconds: 2,
  },
  database_away: {
    message: `The database cannot be reached: what you sent may or may not have been accepted. ${again}`,
    seconds: 1,
  },
};

export function troubleRefusal(trouble: IntakeTrouble | ChannelTrouble, cause?: unknown): AppError {
  const { message, seconds } = troubles[trouble];
  return new AppError("unavailable", message, {
    values: { seconds },
    ...(cause === undefined ? {} : { cause }),
  });
}
