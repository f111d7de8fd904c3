import type { OutgoingRequest } from "./exchange.ts";
import { type AttemptFacts, toTenths } from "./outcome.ts";
import { nextTry } from "./repeat.ts";
import { requestHeaders } from "./request-headers.ts";
import { answerTimeoutMs, type DeliveryRequest, type Repeat } from "./schema.ts";
import type { Target } from "./target.ts";

/** The tries of one attempt: nearly always one. All of them share the time for the answer. */
export class Tries {
  readonly repeats: Repeat[] = [];
  readonly #request: DeliveryRequest;
  readonly #target: Target;
  readonly #startedAt: Date;
  readonly #begunAt = performance.now();
  #isMarked = false;
  #waitedMs = 0;

  constructor(request: DeliveryRequest, target: Target, startedAt: Date) {
    this.#request = request;
    this.#target = target;
    this.#startedAt = startedAt;
  }

  /** What is left of the time for the answer. */
  get answerLeftMs(): number {
    return (this.#request.answerMs ?? answerTimeoutMs) - this.#waitedMs;
  }

  /** So long a try waited for its answer. */
  noteWait(ms: number): void {
    this.#waitedMs += ms;
  }

  /** The request of the next try; signed anew when its body is another. */
  outgoing(): OutgoingRequest {
    const { authority, path } = this.#target;
    const { markedBody, body: firstBody, headers } = this.#request;
    const body = this.#isMarked && markedBody ? markedBody() : firstBody;
    return {
      authority,
      path,
      headers: headers ?? requestHeaders({ ...this.#request, body }, this.#startedAt),
      body,
    };
  }

  /** Whether what came of a try is followed by another one, on a new connection. */
  again(facts: AttemptFacts): boolean {
    const elapsedMs = performance.now() - this.#begunAt;
    const next = nextTry(facts, this.repeats, { elapsedMs, answerLeftMs: this.answerLeftMs });
    if (next === null) return false;
    this.#isMarked ||= next.isMarked;
    const isMarked = this.#isMarked && this.#request.markedBody !== undefined;
    this.repeats.push({ ...next, afterMs: toTenths(elapsedMs), isMarked });
    return true;
  }

  /** The last try was told to use HTTP/1.1. */
  get needsHttp1(): boolean {
    return this.repeats.at(-1)?.why === "http_1_1_required";
  }
}
