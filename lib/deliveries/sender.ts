import type { TargetPolicy } from "#lib/targets/policy.ts";
import { isCertificateProblem } from "./advice.ts";
import { inspectCertificate } from "./certificate.ts";
import {
  type ConnectDeps,
  type ConnectResult,
  type ConnectTimes,
  openConnection,
} from "./connect.ts";
import type { Connection, OutgoingRequest } from "./exchange.ts";
import { type AttemptFacts, toOutcome } from "./outcome.ts";
import { ConnectionPool, type Pooled } from "./pool.ts";
import { requestHeaders } from "./request-headers.ts";
import { createResolver, type Resolve } from "./resolve.ts";
import type { DeliveryOutcome, DeliveryRequest, Observation, VerifyStep } from "./schema.ts";
import { createTargetReader, type Target } from "./target.ts";
import { createTlsConnector } from "./tls.ts";
import { createStepReport, refusedUrlStep, type StepReport } from "./verify-steps.ts";

export type SenderOptions = {
  policy: TargetPolicy;
  /** PEM certificates trusted besides Node's own (see `trustedCertificates`). */
  ca?: string | undefined;
  resolve?: Resolve;
  /** Wall clock for `startedAt` and the signed timestamp. */
  now?: () => Date;
};

export type SendOptions = {
  /** Stops waiting at once: `send` then rejects with the signal's reason, and what came of the request is unknown. */
  signal?: AbortSignal;
  /** Reports each step as it completes, over a connection of its own with a full handshake. */
  onStep?: (step: VerifyStep) => void;
};

export type SenderStats = { openConnections: number; idleConnections: number; origins: number };

/** Sends signed requests to bot servers. */
export type Sender = {
  /**
   * One attempt: never rejects for anything the remote side does, and ends within 9 s whatever it does (2 s each for DNS,
   * TCP, TLS and the answer, 1 s for the body). No retry, except for a reused connection that was dead before the request.
   */
  send(request: DeliveryRequest, options?: SendOptions): Promise<DeliveryOutcome>;
  stats(): SenderStats;
  /** Ends unused connections, waits for the requests under way, then ends theirs. */
  close(): Promise<void>;
};

/** Builds a sender with its own connections, TLS sessions and resolver; `close` it. */
export function createSender(options: SenderOptions): Sender {
  return new HttpSender(options);
}

type Opened =
  | { ok: true; pooled: Pooled; connect: Extract<ConnectResult, { ok: true }> }
  | { ok: false; connect: Extract<ConnectResult, { ok: false }> };

// Origins remembered as speaking HTTP/2, so that the first of several requests opens the connection for all.
const http2OriginsMax = 10_000;

class HttpSender implements Sender {
  readonly #deps: ConnectDeps;
  readonly #now: () => Date;
  readonly #readTarget: ReturnType<typeof createTargetReader>;
  readonly #pool = new ConnectionPool();
  readonly #http2Origins = new Set<string>();
  readonly #opening = new Map<string, Promise<Opened>>();
  #underWay = 0;
  #onIdle: (() => void) | null = null;

  constructor(options: SenderOptions) {
    this.#deps = {
      policy: options.policy,
      resolve: options.resolve ?? createResolver(),
      tls: createTlsConnector(options.ca),
    };
    this.#now = options.now ?? (() => new Date());
    this.#readTarget = createTargetReader(options.policy);
  }

  send(request: DeliveryRequest, options: SendOptions = {}): Promise<DeliveryOutcome> {
    const { signal } = options;
    if (signal === undefined) return this.#attempt(request, options);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      this.#attempt(request, options)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", abort));
    });
  }

  stats(): SenderStats {
    const { openCount, idleCount, originCount } = this.#pool;
    return { openConnections: openCount, idleConnections: idleCount, origins: originCount };
  }

  async close(): Promise<void> {
    this.#pool.close();
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#pool.destroy();
  }

  async #attempt(request: DeliveryRequest, options: SendOptions): Promise<DeliveryOutcome> {
    this.#underWay++;
    const startedAt = this.#now();
    const clock = performance.now();
    try {
      const facts = await this.#run(request, options, startedAt);
      return toOutcome(startedAt, performance.now() - clock, facts);
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }

  async #run(
    request: DeliveryRequest,
    { signal, onStep }: SendOptions,
    startedAt: Date,
  ): Promise<AttemptFacts> {
    const read = this.#readTarget(request.url);
    if (!read.ok) {
      onStep?.(refusedUrlStep(read.problem));
      const kind = read.problem === "private_target" ? "blocked_address" : "invalid_url";
      return notSent({ kind }, read.message, null, null);
    }
    const { target } = read;
    const report = onStep && createStepReport(target, onStep, startedAt);
    const outgoing: OutgoingRequest = {
      authority: target.authority,
      path: target.path,
      headers: request.headers ?? requestHeaders(request, startedAt),
      body: request.body,
    };
    const reused = report ? null : await this.#reuse(target.origin);
    if (reused) {
      const facts = await this.#exchange(reused, null, outgoing, signal);
      // RFC 9110 section 9.2.2: what the server can not have acted on may be sent again.
      if (!facts.exchange?.unprocessed) {
        if (facts.observation.kind === "closed") this.#pool.avoidReuse(target.origin);
        return facts;
      }
    }
    const facts = await this.#viaNew(target, outgoing, report, signal);
    if (reused) facts.note = ["stale connection replaced", facts.note].filter(Boolean).join("; ");
    return facts;
  }

  async #viaNew(
    target: Target,
    outgoing: OutgoingRequest,
    report: StepReport | undefined,
    signal: AbortSignal | undefined,
  ): Promise<AttemptFacts> {
    const opened = await this.#open(target, report);
    if (!opened.ok) {
      const { observation, times, remoteAddress, note } = opened.connect;
      await this.#reportFailure(target, opened.connect, report);
      return notSent(observation, note, times, remoteAddress);
    }
    const { pooled, connect } = opened;
    const facts = await this.#exchange(pooled, connect.times, outgoing, signal);
    report?.ended(facts.observation, pooled.connection.protocol, facts.exchange?.headersMs ?? null);
    return facts;
  }

  async #exchange(
    pooled: Pooled,
    times: ConnectTimes | null,
    outgoing: OutgoingRequest,
    signal: AbortSignal | undefined,
  ): Promise<AttemptFacts> {
    const { connection } = pooled;
    if (signal?.aborted) {
      this.#pool.release(pooled);
      throw signal.reason;
    }
    const exchange = await connection.exchange(outgoing);
    this.#pool.release(pooled);
    const { observation, note } = exchange;
    const { protocol, remoteAddress } = connection;
    return { observation, note, times, exchange, protocol, remoteAddress };
  }

  /** A connection that is open and, as far as can be known without writing, alive. */
  #reuse(origin: string): Pooled | null | Promise<Pooled | null> {
    const taken = this.#pool.take(origin);
    if (!taken) return null;
    if (!taken.wasIdle) return taken.pooled;
    // A server's close may wait in the kernel: two turns of the event loop read it before the request is written.
    return eventsRead().then(() =>
      taken.pooled.connection.isDead() ? this.#reuse(origin) : taken.pooled,
    );
  }

  /** Opens a connection; requests that come together to an HTTP/2 server share one. */
  #open(target: Target, report: StepReport | undefined): Promise<Opened> {
    const { origin } = target;
    if (report || !this.#http2Origins.has(origin)) return this.#connect(target, report);
    const running = this.#opening.get(origin);
    if (running) return running.then((opened) => this.#join(opened, target));
    const started = this.#connect(target, report).finally(() => this.#opening.delete(origin));
    this.#opening.set(origin, started);
    return started;
  }

  #join(opened: Opened, target: Target): Opened | Promise<Opened> {
    const hasRoom = !opened.ok || opened.pooled.connection.isFree();
    return hasRoom ? opened : this.#connect(target, undefined);
  }

  async #connect(target: Target, report: StepReport | undefined): Promise<Opened> {
    const onDead = (dead: Connection) => this.#pool.forget(dead);
    const connect = await openConnection(target, this.#deps, onDead, report);
    if (!connect.ok) return { ok: false, connect };
    const { connection } = connect;
    if (connection.protocol === "h2") this.#rememberHttp2(target.origin);
    else this.#http2Origins.delete(target.origin);
    return { ok: true, pooled: this.#pool.add(target.origin, connection), connect };
  }

  #rememberHttp2(origin: string): void {
    if (this.#http2Origins.size >= http2OriginsMax) this.#http2Origins.clear();
    this.#http2Origins.add(origin);
  }

  async #reportFailure(
    target: Target,
    { observation, times, remoteAddress }: Extract<ConnectResult, { ok: false }>,
    report: StepReport | undefined,
  ): Promise<void> {
    if (!report) return;
    const { tls } = this.#deps;
    const isShown =
      observation.kind === "failed" &&
      observation.phase === "tls" &&
      isCertificateProblem(observation.code);
    const certificate =
      isShown && remoteAddress !== null
        ? await inspectCertificate(target, remoteAddress, tls, this.#now())
        : null;
    report.failed(observation, times, certificate);
  }
}

function notSent(
  observation: Observation,
  note: string | null,
  times: ConnectTimes | null,
  remoteAddress: string | null,
): AttemptFacts {
  return { observation, note, times, exchange: null, protocol: null, remoteAddress };
}

function eventsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
