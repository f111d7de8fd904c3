import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Pool } from "pg";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Database } from "#lib/db.ts";
import { exportFormats } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import type { Reading } from "#lib/reading/open-reading.ts";
import { auditedErrors } from "#lib/webhook-errors/audited-question.ts";
import { exportHeaders } from "#lib/webhook-errors/export-headers.ts";
import { findCounting } from "#lib/webhook-errors/find-counting.ts";
import { listCauses } from "#lib/webhook-errors/list-causes.ts";
import { listErrorRows } from "#lib/webhook-errors/list-rows.ts";
import {
  type ErrorsQuery,
  parseFileQuery,
  parseListQuery,
  writeCursor,
} from "#lib/webhook-errors/parse-query.ts";
import type { ErrorQuestion } from "#lib/webhook-errors/question.ts";
import { resolveRange } from "#lib/webhook-errors/range.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import { streamErrors } from "#lib/webhook-errors/stream-errors.ts";
import { toReadable } from "./to-readable.ts";

export type ErrorRouteOptions = {
  database: Database;
  /** Of files, which last as long as their readers take. */
  files: Pool;
  /** Of questions whose cost grows with what is stored. */
  reading: Reading;
  /** How long counted rows are kept; a range is cut to that. */
  retentionDays: number;
  /** Of dates and times in files, unless another is asked for. */
  timeZone: string;
  actorOf: (request: FastifyRequest) => Actor & { id: string };
  now: () => Promise<Date>;
};

type Params = { Params: { channelId: string } };

/** What was counted, for programs: the list by pages, and the files of the console. */
export function addErrorRoutes(app: FastifyInstance, options: ErrorRouteOptions): void {
  const { database } = options;

  const ask = async (
    channelId: string,
    query: ErrorsQuery,
    timeZone: string,
  ): Promise<ErrorQuestion> => {
    await requireKnown(database, channelId);
    const { retentionDays } = options;
    const { from, to } = resolveRange(query.range, await options.now(), {
      retentionDays,
      timeZone,
    });
    return { ...query, channelId, from, to };
  };

  app.get<Params>("/v1/channels/:channelId/errors", async (request, reply) => {
    const query = parseListQuery(request.query);
    const question = await ask(request.params.channelId, query, options.timeZone);
    const { id } = options.actorOf(request);
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    const counting = await findCounting(database.db, question.channelId);
    const [{ rows, next }, causes] = await options.reading.read(
      { userId: id, sessionId: id },
      async (db) => {
        const page = await listErrorRows(db, question, query, query.limit);
        const keys = page.rows.map(({ key }) => key);
        return [page, await listCauses(db, question, keys)] as const;
      },
      gone.signal,
    );
    return {
      channelId: question.channelId,
      from: question.from,
      to: question.to,
      notCountedSince: counting.state === "off" ? counting.since : null,
      isCounted: counting.state === "on",
      errors: rows.map(({ key, errorCount, ...row }) => {
        const likelyCauses = causes.get(formatRowKey(key)) ?? [];
        const likelyCause = likelyCauses[0]?.cause ?? null;
        return { ...row, errors: errorCount, likelyCause, likelyCauses };
      }),
      ...(next === null ? {} : { next: writeCursor(next) }),
    };
  });

  for (const format of exportFormats) {
    app.get<Params>(`/v1/channels/:channelId/errors.${format}`, async (request, reply) => {
      const query = parseFileQuery(request.query);
      const zone = query.zone ?? options.timeZone;
      const question = await ask(request.params.channelId, query, zone);
      const { sort, order } = query;
      const actor = options.actorOf(request);
      await takeTry(database.db, exportLimit, actor.id);
      await recordAudit(database.db, {
        actor,
        action: "errors_exported",
        channelId: question.channelId,
        after: { format, ...auditedErrors(question) },
      });
      const { rowCount, stream } = await streamErrors(
        options.files,
        { question, zone, sort, order, format },
        { reader: actor.id },
      );
      const headers = exportHeaders(question, zone, { format, rowCount });
      return reply.headers(headers).send(toReadable(stream));
    });
  }
}

/** @throws AppError `not_found` for an unknown channel. */
async function requireKnown({ db }: Database, channelId: string): Promise<void> {
  // PostgreSQL refuses a text with NUL; no channel is called so.
  const id = channelId.replaceAll("\0", "");
  const count = id === channelId ? await db.channel.count({ where: { id } }) : 0;
  if (count === 0) {
    throw new AppError("not_found", `There is no channel ${JSON.stringify(channelId)}`);
  }
}
