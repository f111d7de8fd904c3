import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, statusOf } from "#lib/app-error.ts";
import { isDatabaseAway } from "#lib/database-away.ts";

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
  void reply.code(500).send({ message: `Something went wrong here. Reference: ${request.id}` });
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
  if (isDatabaseAway(error)) {
    return new AppError(
      "unavailable",
      "The database cannot be reached: what you sent is not known to be accepted. Send it again, with the same Idempotency-Key.",
      { cause: error },
    );
  }
  return "statusCode" in error && typeof error.statusCode === "number" && error.statusCode < 500
    ? new AppError("invalid", error.message)
    : undefined;
}
