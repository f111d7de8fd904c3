import type { Socket } from "node:net";
import { Deadline } from "./deadline.ts";
import { type Exchange, isSuccess, noAnswer } from "./exchange.ts";
import { BodyReader } from "./http1-body.ts";
import { type Head, parseHead } from "./http1-head.ts";
import { readableBytes } from "./readable-bytes.ts";
import { ResponseBody } from "./response-body.ts";
import {
  deliveredBodyBytesMax,
  type Observation,
  responseBodyBytesMax,
  responseBodyTimeoutMs,
} from "./schema.ts";

type Finished = (exchange: Exchange, keepAliveSeconds: number | null) => void;

const nothing: Buffer = Buffer.alloc(0);
// Interim answers (1xx) beyond this are not read any more: the deadline decides, without work for a flood.
const interimAnswersMax = 50;

/** One request and its answer on an HTTP/1.1 connection, fed by the connection's socket events. */
export class Http1Exchange {
  readonly #isReused: boolean;
  readonly #finished: Finished;
  #socket: Socket | null = null;
  #deadline: Deadline | null = null;
  #writtenAt = 0;
  #headersAt = 0;
  #pending = nothing;
  #interimAnswers = 0;
  #isInterimClear = true;
  #oddities: readonly string[] = [];
  #head: Head | null = null;
  #reader: BodyReader | null = null;
  #body: ResponseBody | null = null;
  #done = false;

  constructor(isReused: boolean, finished: Finished) {
    this.#isReused = isReused;
    this.#finished = finished;
  }

  /** `write` hands the request to the socket; the time for the answer starts there. */
  start(socket: Socket, answerMs: number, write: () => void): void {
    this.#socket = socket;
    this.#writtenAt = performance.now();
    this.#deadline = new Deadline(answerMs, () => {
      this.#fail({ kind: "timed_out", phase: "headers" });
    });
    write();
  }

  onData(bytes: Buffer): void {
    if (this.#done) return;
    if (this.#reader) this.#readBody(bytes);
    else this.#readHead(bytes);
  }

  onEnd(): void {
    if (this.#head === null) this.#fail({ kind: "closed", phase: "headers" });
    else {
      this.#reader?.end();
      this.#complete(this.#reader?.state === "complete" ? null : "body ended early");
    }
  }

  onError(error: NodeJS.ErrnoException): void {
    const code = error.code ?? "EUNKNOWN";
    if (this.#head !== null) this.#complete(`body ended by ${code}`);
    else if (code === "ECONNRESET" || code === "EPIPE") {
      this.#fail({ kind: "closed", phase: "headers" });
    } else this.#fail({ kind: "failed", phase: "headers", code });
  }

  onClose(): void {
    if (this.#head !== null) this.#complete("body ended early");
    else this.#fail({ kind: "closed", phase: "headers" });
  }

  #readHead(bytes: Buffer): void {
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const result = parseHead(rest);
      if (result.kind === "malformed") {
        this.#fail({ kind: "malformed_answer", code: result.code }, rest);
        return;
      }
      if (result.kind === "incomplete") {
        this.#pending = rest;
        return;
      }
      rest = rest.subarray(result.bytes);
      const { statusCode, persistent, oddities } = result.head;
      if (oddities.length > 0) this.#oddities = [...new Set([...this.#oddities, ...oddities])];
      // 101 is final: nothing was asked to switch, so what follows is no HTTP.
      if (statusCode >= 200 || statusCode === 101) {
        this.#answered(result.head, rest);
        return;
      }
      this.#isInterimClear &&= persistent;
      if (++this.#interimAnswers > interimAnswersMax) {
        this.#pending = nothing;
        this.#socket?.pause();
        return;
      }
    }
  }

  #answered(head: Head, rest: Buffer): void {
    this.#deadline?.clear();
    this.#headersAt = performance.now();
    this.#pending = nothing;
    this.#head = head;
    this.#body = new ResponseBody(
      isSuccess(head.statusCode) ? deliveredBodyBytesMax : responseBodyBytesMax,
    );
    this.#reader = new BodyReader(head.framing);
    this.#readBody(rest);
    if (this.#done) return;
    this.#deadline = new Deadline(responseBodyTimeoutMs, () => {
      this.#complete(`body not finished after ${responseBodyTimeoutMs} ms`);
    });
  }

  #readBody(bytes: Buffer): void {
    const { reader, body } = { reader: this.#reader, body: this.#body };
    if (!reader || !body) return;
    reader.push(bytes, (piece) => body.add(piece));
    if (reader.state === "complete") this.#complete(null);
    else if (reader.state === "broken") this.#complete("body not understood");
    else if (body.isFull) this.#complete(`body cut off at ${responseBodyBytesMax} bytes`);
  }

  #fail(observation: Observation, unreadable: Buffer = this.#pending): void {
    const headersMs = observation.kind === "timed_out" ? performance.now() - this.#writtenAt : null;
    const hasBytes = unreadable.length > 0 || this.#interimAnswers > 0;
    const firstBytes = unreadable.length > 0 ? readableBytes(unreadable) : null;
    this.#finish({
      ...noAnswer,
      observation,
      isReused: this.#isReused,
      hasBytes,
      headersMs,
      firstBytes,
    });
  }

  #complete(note: string | null): void {
    const head = this.#head;
    if (head === null) return;
    const isReusable =
      note === null &&
      head.persistent &&
      this.#isInterimClear &&
      head.statusCode !== 101 &&
      !this.#reader?.hasExtra;
    this.#finish({
      observation: { kind: "answered", statusCode: head.statusCode },
      isUnprocessed: false,
      isReused: this.#isReused,
      isGoingAway: false,
      hasBytes: true,
      isLast: !isReusable,
      headersMs: this.#headersAt - this.#writtenAt,
      bodyMs: performance.now() - this.#headersAt,
      headers: head.headers,
      body: this.#body?.content() ?? null,
      firstBytes: null,
      oddities: this.#oddities,
      note,
    });
  }

  #finish(exchange: Exchange): void {
    if (this.#done) return;
    this.#done = true;
    this.#deadline?.clear();
    this.#finished(exchange, this.#head?.keepAliveSeconds ?? null);
  }
}
