import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import { Deadline } from "./deadline.ts";
import { type Exchange, isSuccess, noAnswer } from "./exchange.ts";
import { headBytesMax, headFieldsMax } from "./http1-head.ts";
import { http2CodeName } from "./http2-codes.ts";
import { ResponseBody } from "./response-body.ts";
import {
  deliveredBodyBytesMax,
  type Observation,
  responseBodyBytesMax,
  responseBodyTimeoutMs,
} from "./schema.ts";

export type GoAway = { code: number; lastStreamId: number };

/** What the session knows when a stream ends. */
export type SessionFacts = {
  goAway: GoAway | null;
  sessionError: string | null;
  isEnded: boolean;
};

export type Http2Request = { headers: Record<string, string>; body: Buffer; answerMs: number };

type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** One request and its answer on an HTTP/2 connection. */
export class Http2Exchange {
  readonly #isReused: boolean;
  readonly #facts: () => SessionFacts;
  readonly #finished: (exchange: Exchange, wasReset: boolean) => void;
  #stream: ClientHttp2Stream | null = null;
  #streamId = 0;
  #deadline: Deadline | null = null;
  #writtenAt = 0;
  #headersAt = 0;
  #statusCode = 0;
  #headers: [string, string][] | null = null;
  #body: ResponseBody | null = null;
  #streamError: string | null = null;
  #done = false;

  /** `finished`: told too whether the stream had to be broken off. */
  constructor(
    isReused: boolean,
    facts: () => SessionFacts,
    finished: (exchange: Exchange, wasReset: boolean) => void,
  ) {
    this.#isReused = isReused;
    this.#facts = facts;
    this.#finished = finished;
  }

  /** Writes the request; the time for the answer starts there. */
  start(session: ClientHttp2Session, { headers, body, answerMs }: Http2Request): void {
    this.#writtenAt = performance.now();
    this.#deadline = new Deadline(answerMs, () => {
      this.#fail({ kind: "timed_out", phase: "headers" }, false);
    });
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(headers);
    } catch {
      // The session ended since it was chosen: nothing was written.
      const { goAway } = this.#facts();
      this.#fail(
        goAway === null
          ? { kind: "closed", phase: "tls" }
          : { kind: "goaway", phase: "tls", code: http2CodeName(goAway.code) },
        true,
      );
      return;
    }
    this.#stream = stream;
    stream.on("response", (answer: AnswerHeaders, _flags: number, raw?: unknown) => {
      this.#answered(answer, rawFields(raw));
    });
    stream.on("data", (piece: Buffer) => this.#onBody(piece));
    // Node ends the readable side of a stream that was never answered, too.
    stream.on("end", () => {
      if (this.#headers !== null) this.#complete(stream.rstCode ? "body ended early" : null);
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#streamError = error.code ?? "EUNKNOWN";
    });
    stream.on("close", () => this.#onClose(stream));
    stream.end(body);
    this.#streamId = stream.id ?? 0;
  }

  #answered(answer: AnswerHeaders, fields: [string, string][]): void {
    if (this.#done) return;
    this.#deadline?.clear();
    this.#headersAt = performance.now();
    const bytes = fields.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
    if (fields.length > headFieldsMax || bytes > headBytesMax) {
      const code = bytes > headBytesMax ? "HEADERS_TOO_LONG" : "TOO_MANY_HEADERS";
      this.#fail({ kind: "malformed_answer", code }, false);
      return;
    }
    const statusCode = answer[":status"] ?? 0;
    // nginx 1.22 passes on what is no status as `000`.
    if (statusCode < 100 || statusCode > 999) {
      this.#fail({ kind: "malformed_answer", code: "STATUS" }, false);
      return;
    }
    this.#statusCode = statusCode;
    this.#headers = fields;
    this.#body = new ResponseBody(
      isSuccess(this.#statusCode) ? deliveredBodyBytesMax : responseBodyBytesMax,
    );
    this.#deadline = new Deadline(responseBodyTimeoutMs, () => {
      this.#complete(`body not finished after ${responseBodyTimeoutMs} ms`);
    });
  }

  #onBody(piece: Buffer): void {
    const body = this.#body;
    if (this.#done || !body) return;
    body.add(piece);
    if (body.isFull) this.#complete(`body cut off at ${responseBodyBytesMax} bytes`);
  }

  #onClose(stream: ClientHttp2Stream): void {
    if (this.#done) return;
    if (this.#headers !== null) {
      this.#complete("body ended early");
      return;
    }
    const facts = this.#facts();
    const id = this.#streamId || (stream.id ?? 0);
    if (facts.goAway !== null && (id === 0 || id > facts.goAway.lastStreamId)) {
      // RFC 9113 section 6.8: streams above the last id were not and will not be processed.
      const code = http2CodeName(facts.goAway.code);
      this.#fail({ kind: "goaway", phase: "headers", code }, true);
    } else if (this.#streamError === "ERR_HTTP2_STREAM_ERROR") {
      this.#reset(stream.rstCode);
    } else if (facts.isEnded) {
      this.#fail(endOfSession(facts), false);
    } else this.#reset(stream.rstCode);
  }

  #reset(code: number | undefined): void {
    const name = http2CodeName(code ?? constants.NGHTTP2_NO_ERROR);
    this.#fail({ kind: "stream_reset", phase: "headers", code: name }, false);
  }

  #fail(observation: Observation, isUnprocessed: boolean): void {
    const headersMs = observation.kind === "timed_out" ? performance.now() - this.#writtenAt : null;
    this.#finish({
      ...noAnswer,
      observation,
      isUnprocessed,
      isReused: this.#isReused,
      isGoingAway: this.#facts().goAway !== null,
      hasBytes: observation.kind === "malformed_answer",
      headersMs,
    });
  }

  #complete(note: string | null): void {
    this.#finish({
      ...noAnswer,
      observation: { kind: "answered", statusCode: this.#statusCode },
      isReused: this.#isReused,
      hasBytes: true,
      isLast: false,
      headersMs: this.#headersAt - this.#writtenAt,
      bodyMs: performance.now() - this.#headersAt,
      headers: this.#headers,
      body: this.#body?.content() ?? null,
      note,
    });
  }

  #finish(exchange: Exchange): void {
    if (this.#done) return;
    this.#done = true;
    this.#deadline?.clear();
    this.#finished(exchange, this.#breakOff());
  }

  /**
   * Tells the server to stop where it has not: at the deadline, or when no more of the body is wanted. A stream that both
   * sides have ended is left alone, though Node closes it a little later: servers count resets and end the connections
   * of clients that send many.
   */
  #breakOff(): boolean {
    const stream = this.#stream;
    if (!stream || stream.closed) return false;
    if (stream.readableEnded && stream.writableFinished) return false;
    stream.close(constants.NGHTTP2_CANCEL);
    return true;
  }
}

function endOfSession({ sessionError }: SessionFacts): Observation {
  if (sessionError === "ERR_HTTP2_ERROR") {
    // nghttp2 refused what came: not HTTP/2 any more.
    return { kind: "malformed_answer", code: sessionError };
  }
  if (sessionError === null || /^(ECONNRESET|EPIPE|ERR_HTTP2_.*)$/.test(sessionError)) {
    return { kind: "closed", phase: "headers" };
  }
  return { kind: "failed", phase: "headers", code: sessionError };
}

function rawFields(raw: unknown): [string, string][] {
  const list = Array.isArray(raw) ? raw : [];
  const fields: [string, string][] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = String(list[index]);
    if (!name.startsWith(":")) fields.push([name, String(list[index + 1])]);
  }
  return fields;
}
