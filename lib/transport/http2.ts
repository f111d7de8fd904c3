import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import { Deadline } from "./deadline.ts";
import { type Connection, type Exchange, keepAliveMs, type OutgoingRequest } from "./exchange.ts";
import { headBytesMax } from "./http1-head.ts";
import { http2CodeName } from "./http2-codes.ts";
import { type GoAway, Http2Exchange } from "./http2-exchange.ts";
import type { Origin } from "./origin-memory.ts";
import type { Observation, ShownCertificate } from "./schema.ts";
import { shownCertificate } from "./shown-certificate.ts";
import { tlsFailure } from "./tls.ts";
import { alertOf } from "./tls-alert.ts";
import { securedEvidence, type TlsEvidence } from "./tls-evidence.ts";

/**
 * Servers count the streams that their client breaks off (nghttp2 1.57 and Debian's 1.52: a thousand at once, then 33 a
 * second) and end the connection of one that does it too often; long before, it is left to finish what is under way.
 */
const resetsMax = 200;

export type Http2Result =
  | { ok: true; connection: Http2Connection }
  | { ok: false; observation: Observation; evidence: TlsEvidence };

export type Http2Opening = {
  authority: string;
  origin: Origin;
  remoteAddress: string;
  leftMs: number;
  onDead: (connection: Connection) => void;
};

/**
 * Begins HTTP/2 on a secured socket and waits for the server's SETTINGS, as LINE's sender does: only then is it agreed
 * that the server speaks it, and known how many requests it takes at once. Never rejects.
 */
export function openHttp2(socket: TLSSocket, opening: Http2Opening): Promise<Http2Result> {
  return new Promise((resolve) => {
    const session = connect(`https://${opening.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: headBytesMax },
      // Above our own limit on purpose: then we count, instead of an error that looks like the server's.
      maxHeaderListPairs: 4_096,
      maxSessionMemory: 2,
    });
    const connection = new Http2Connection(session, socket, opening);
    let isSettled = false;
    const finish = (result: Http2Result) => {
      // What the session tells later concerns its streams, not its beginning.
      if (isSettled) return;
      isSettled = true;
      deadline.clear();
      if (!result.ok) session.destroy();
      resolve(result);
    };
    const fail = (observation: Observation) => {
      if (isSettled) return;
      finish({ ok: false, observation, evidence: securedEvidence(observation, connection) });
    };
    const deadline = new Deadline(opening.leftMs, () => fail({ kind: "timed_out", phase: "tls" }));
    session.once("remoteSettings", ({ maxConcurrentStreams }) => {
      opening.origin.noteAnnounced(maxConcurrentStreams);
      finish({ ok: true, connection });
    });
    session.once("goaway", (code) =>
      fail({ kind: "goaway", phase: "tls", code: http2CodeName(code) }),
    );
    // A TLS 1.3 server judges our side after the handshake. Its alert reaches the socket alone; the session stays mute.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (alertOf(error.code ?? "") !== null) fail(tlsFailure(error));
    });
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
  readonly tlsVersion: string | null;
  readonly certificate: ShownCertificate | null;
  readonly #session: ClientHttp2Session;
  readonly #origin: Origin;
  #goAway: GoAway | null = null;
  #error: string | null = null;
  #isRetired = false;
  /** Claimed or under way. */
  #streams = 0;
  #begun = 0;
  #answered = 0;
  #lastAnswerAt = 0;
  #resets = 0;

  constructor(
    session: ClientHttp2Session,
    socket: TLSSocket,
    { remoteAddress, origin, onDead }: Http2Opening,
  ) {
    this.#session = session;
    this.#origin = origin;
    this.remoteAddress = remoteAddress;
    this.tlsVersion = socket.getProtocol();
    this.certificate = shownCertificate(socket);
    session.on("goaway", (code, lastStreamId) => this.#onGoAway(code, lastStreamId));
    const onError = (error: NodeJS.ErrnoException) => {
      this.#error ??= error.code ?? "EUNKNOWN";
    };
    socket.on("error", onError);
    session.on("error", onError);
    session.once("close", () => onDead(this));
  }

  isFree(): boolean {
    const isBelow = this.#streams === 0 || this.#begun + 1 <= this.#origin.requestsMax;
    return !this.isDead() && isBelow && this.#streams < this.capacity;
  }

  /** Requests that it takes at once. */
  get capacity(): number {
    const { maxConcurrentStreams } = this.#session.remoteSettings;
    return Math.min(maxConcurrentStreams ?? Number.POSITIVE_INFINITY, this.#origin.streamsMax);
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

  claim(): void {
    this.#streams++;
    this.#begun++;
  }

  unclaim(): void {
    this.#streams--;
    this.#begun--;
  }

  exchange(request: OutgoingRequest, answerMs: number): Promise<Exchange> {
    const begunAt = performance.now();
    return new Promise((resolve) => {
      const exchange = new Http2Exchange(this.#answered > 0, this.#facts, (result, wasReset) => {
        this.#streams--;
        this.#learn(result, begunAt, wasReset);
        resolve(result);
      });
      exchange.start(this.#session, { headers: headersOf(request), body: request.body, answerMs });
    });
  }

  destroy(): void {
    this.#session.destroy();
  }

  #onGoAway(code: number, lastStreamId: number): void {
    this.#goAway = { code, lastStreamId };
    // A client's streams are the odd numbers.
    const admitted = Math.floor((lastStreamId + 1) / 2);
    if (admitted < this.#begun) this.#origin.noteAdmitted(admitted);
  }

  #learn({ observation: seen }: Exchange, begunAt: number, wasReset: boolean): void {
    if (wasReset && ++this.#resets >= resetsMax) this.#retire();
    if (seen.kind === "answered") {
      this.#answered++;
      this.#lastAnswerAt = performance.now();
      if (this.#answered > this.#origin.requestsMax) this.#origin.noteBeyondAdmitted();
    } else if (seen.kind === "malformed_answer") {
      this.#retire();
    } else if (seen.kind === "timed_out") {
      // Node keeps a session open whose server sent what nghttp2 will not read any further: only missing answers tell.
      if (this.#lastAnswerAt < begunAt) this.#retire();
    } else if (seen.kind === "stream_reset" && seen.code === "REFUSED_STREAM") {
      this.#origin.noteRefused(this.#streams);
    }
  }

  /** Takes no new requests; those under way go on. */
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
