import { setImmediate } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/app-error.ts";
import type { Accepted, IntakeRequest } from "#lib/queue/accept.ts";
import { parseEvents, readIntakeBody } from "#lib/queue/intake-body.ts";
import { intakeBodyBytesMax } from "#lib/queue/schema.ts";
import { readUtf8 } from "./read-body.ts";
import { toErrorBody, toStatus } from "./respond.ts";
import { splitLines } from "./split-lines.ts";

export type Intake = (request: IntakeRequest) => Promise<Accepted | AppError>;

const bulkBytesMax = 16 * 1024 * 1024;
const keyLengthMax = 255;
/** When whoever sent a call of which nothing could be taken in may come back. */
const bulkAgainSeconds = 5;
/** So much of a bulk body is read at a stretch; then others have their turn. */
const stretchBytes = 262_144;

/** The intake of events. What is answered with 202 is durable. */
export function addWebhookRoutes(app: FastifyInstance, intake: Intake): void {
  app.post<{ Params: { channelId: string }; Body: Buffer }>(
    "/v1/channels/:channelId/webhooks",
    { bodyLimit: intakeBodyBytesMax },
    async (request, reply) => {
      const { events } = readIntakeBody(readUtf8(request.body), ["events"]);
      const result = await intake({
        channelId: request.params.channelId,
        events: parseEvents(events),
        idempotencyKey: parseIdempotencyKey(request.headers["idempotency-key"]),
      });
      if (result instanceof AppError) throw result;
      return reply.code(202).send({ webhookId: result.webhookId, events: result.eventCount });
    },
  );

  app.post<{ Body: Buffer }>(
    "/v1/webhooks",
    { bodyLimit: bulkBytesMax },
    async (request, reply) => {
      const lines = splitLines(request.body ?? Buffer.alloc(0));
      const answers = await answerLines(lines, intake);
      // Whoever waits for `Retry-After` has to see it: a call of which nothing was taken in is refused as a whole.
      const isRefused = answers.length > 0 && answers.every(({ status }) => status === 503);
      if (isRefused) void reply.header("retry-after", String(bulkAgainSeconds));
      return reply
        .code(isRefused ? 503 : 200)
        .type("application/x-ndjson")
        .send(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""));
    },
  );
}

/** In order. What is accepted together is stored together: no line waits for the one before. */
async function answerLines(
  lines: readonly Buffer[],
  intake: Intake,
): Promise<Record<string, unknown>[]> {
  const answers: Promise<Record<string, unknown>>[] = [];
  let bytes = 0;
  for (const line of lines) {
    const answer = answerLine(line, intake);
    // A defect is the whole call's, at the end; until then somebody must be listening.
    answer.catch(() => undefined);
    answers.push(answer);
    bytes += line.length;
    if (bytes < stretchBytes) continue;
    bytes = 0;
    await setImmediate();
  }
  return Promise.all(answers);
}

/** One line's answer: its own status, so that one bad line does not refuse the others. */
async function answerLine(line: Buffer, intake: Intake): Promise<Record<string, unknown>> {
  try {
    if (line.length > intakeBodyBytesMax) {
      throw new AppError("too_large", `A line must be at most ${intakeBodyBytesMax} bytes`);
    }
    const body = readIntakeBody(readUtf8(line), ["channelId", "events", "idempotencyKey"]);
    const channelId = parsed(body.channelId);
    if (typeof channelId !== "string") {
      throw new AppError("invalid", "The line has errors", {
        details: [{ message: "must be a string", property: "channelId" }],
      });
    }
    const result = await intake({
      channelId,
      events: parseEvents(body.events),
      idempotencyKey: parseIdempotencyKey(parsed(body.idempotencyKey)),
    });
    if (result instanceof AppError) throw result;
    return { status: 202, webhookId: result.webhookId, events: result.eventCount };
  } catch (error) {
    if (error instanceof AppError) return { status: toStatus(error), ...toErrorBody(error) };
    throw error;
  }
}

const parsed = (text: string | undefined): unknown =>
  text === undefined ? undefined : JSON.parse(text);

/** PostgreSQL stores neither NUL nor half a character as they came, so the key would not be known again. */
function parseIdempotencyKey(key: unknown): string | null {
  if (key === undefined) return null;
  if (
    typeof key === "string" &&
    key.length >= 1 &&
    key.length <= keyLengthMax &&
    !/[\0\p{Surrogate}]/u.test(key)
  )
    return key;
  throw new AppError("invalid", `Idempotency-Key must be 1 to ${keyLengthMax} characters`);
}
