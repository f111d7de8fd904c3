import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { Socket } from "node:net";
import { Deadline } from "./deadline.ts";
import { type Connection, type Exchange, keepAliveMs, type OutgoingRequest } from "./exchange.ts";
import { headBytesMax } from "./http1-head.ts";
import { http2CodeName } from "./http2-codes.ts";
import { type GoAway, Http2Exchange } from "./http2-exchange.ts";
import type { Observation } from "./schema.ts";

// Where the server's SETTINGS set no lower limit.
const streamsMax = 100;

export type Http2Result =
  | { ok: true; connection: Http2Connection }
  | { ok: false; observation: Observation };

/**
 * Begins HTTP/2 on a secured socket and waits for the server's SETTINGS, as LINE's sender does: only then is it agreed
 * that the server speaks it, and known how many requests it takes at once. Never rejects.
 */
export function openHttp2(
  socket: Socket,
  authority: string,
  remoteAddress: string,
  timeoutMs: number,
  onDead: (connection: Connection) => void,
): Promise<Http2Result> {
  return new Promise((resolve) => {
    const session = connect(`https://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: headBytesMax },
      // Above our own limit on purpose: then we count, instead of an error that looks like the server's.
      maxHeaderListPairs: 4_096,
      maxSessionMemory: 2,
    });
    const connection = new Http2Connection(session, remoteAddress, onDead);
    let isSettled = false;
    const finish = (result: Http2Result) => {
      // What the session tells later concerns its streams, not its beginning.
      if (isSettled) return;
      isSettled = true;
      deadline.clear();
      if (!result.ok) session.destroy();
      resolve(result);
    };
    const fail = (observation: Observation) => finish({ ok: false, observation });
    const deadline = new Deadline(timeoutMs, () => fail({ kind: "timed_out", phase: "tls" }));
    session.once("remoteSettings", () => finish({ ok: true, connection }));
    session.once("goaway", (code) =>
      fail({ kind: "goaway", phase: "tls", code: http2CodeName(code) }),
    );
    session.on("error", (error: NodeJS.ErrnoException) => {
      // nghttp2 refused what came in place of SETTINGS: agreed on HTTP/2, then spoke something else.
      const isOther = error.code === "ERR_HTTP2_ERROR";
      fail(isOther ? { kind: "no_common_protocol" } : { kind: "closed", phase: "tls" });
    });
    session.once("close", () => fail({ kind: "closed", phase: "tls" }));
  });
}

/** One HTTP/2 connection: many requests at once, as many as the server allows. */
export class Http2Connection implements Connection {
  readonly protocol = "h2";
  readonly remoteAddress: string;
  readonly #session: ClientHttp2Session;
  #goAway: GoAway | null = null;
  #error: string | null = null;
  #isRetired = false;
  #streams = 0;

  constructor(
    session: ClientHttp2Session,
    remoteAddress: string,
    onDead: (connection: Connection) => void,
  ) {
    this.#session = session;
    this.remoteAddress = remoteAddress;
    session.on("goaway", (code, lastStreamId) => {
      this.#goAway = { code, lastStreamId };
    });
    session.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? "EUNKNOWN";
    });
    session.once("close", () => onDead(this));
  }

  isFree(): boolean {
    return !this.isDead() && this.#streams < this.#limit();
  }

  idleMs(): number {
    return keepAliveMs;
  }

  isDead(): boolean {
    const { destroyed, closed } = this.#session;
    return destroyed || closed || this.#isRetired || this.#goAway !== null;
  }

  get isBusy(): boolean {
    return this.#streams > 0;
  }

  exchange(request: OutgoingRequest): Promise<Exchange> {
    this.#streams++;
    return new Promise((resolve) => {
      const exchange = new Http2Exchange(this.#facts, (result) => {
        this.#streams--;
        const { kind } = result.observation;
        if (kind === "timed_out" || kind === "malformed_answer") this.#retire();
        resolve(result);
      });
      exchange.start(this.#session, headersOf(request), request.body);
    });
  }

  destroy(): void {
    this.#session.destroy();
  }

  /**
   * Takes no new requests. Node keeps a session open whose server sent what nghttp2 will not read any further: only the
   * missing answer tells, and the next request must not share that fate.
   */
  #retire(): void {
    this.#isRetired = true;
    if (!this.#session.destroyed) this.#session.close();
  }

  // What the session knows when one of its streams ends.
  readonly #facts = () => ({
    goAway: this.#goAway,
    sessionError: this.#error,
    isEnded: this.#session.destroyed || this.#session.closed,
  });

  #limit(): number {
    return Math.min(this.#session.remoteSettings.maxConcurrentStreams ?? streamsMax, streamsMax);
  }
}

function headersOf({ authority, path, headers, body }: OutgoingRequest): Record<string, string> {
  return {
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_SCHEME]: "https",
    [constants.HTTP2_HEADER_AUTHORITY]: authority,
    [constants.HTTP2_HEADER_PATH]: path,
    "content-length": String(body.length),
    ...Object.fromEntries(headers),
  };
}
