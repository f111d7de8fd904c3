import type { TargetPolicy } from "#lib/targets/policy.ts";
import { inspectCertificate } from "./certificate.ts";
import { isCertificateProblem } from "./certificate-problem.ts";
import type { ConnectDeps, ConnectResult, ConnectTimes } from "./connect.ts";
import { Opener } from "./opening.ts";
import { OriginMemory } from "./origin-memory.ts";
import { type AttemptFacts, exchangeFacts, notSent, toOutcome } from "./outcome.ts";
import { ConnectionPool, type Pooled } from "./pool.ts";
import { createResolver, type Resolve } from "./resolve.ts";
import type { DeliveryOutcome, DeliveryRequest, WireStep } from "./schema.ts";
import { createTargetReader, type Target } from "./target.ts";
import { createTlsConnector } from "./tls.ts";
import { Tries } from "./tries.ts";
import { createStepReporter, refusedUrlStep, type StepReporter } from "./wire-steps.ts";

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
  onStep?: (step: WireStep) => void;
};

export type SenderStats = { openConnections: number; idleConnections: number; origins: number };

/** Sends signed requests to bot servers. */
export type Sender = {
  /**
   * One attempt: never rejects for anything the remote side does, and ends within 12 s whatever it does (2 s each for DNS,
   * TCP, TLS and the answer, 1 s for the body, 3 s for repeats), or later where the request allows its answer more. What is repeated within it: see `nextTry`.
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

/** An end so soon after the request was on its way before it; a later one is the bot server's word on the request. */
const crossedWithinMs = 500;

class HttpSender implements Sender {
  readonly #deps: ConnectDeps;
  readonly #now: () => Date;
  readonly #readTarget: ReturnType<typeof createTargetReader>;
  readonly #pool = new ConnectionPool();
  readonly #opener: Opener;
  #underWay = 0;
  #onIdle: (() => void) | null = null;

  constructor(options: SenderOptions) {
    this.#deps = {
      policy: options.policy,
      resolve: options.resolve ?? createResolver(),
      tls: createTlsConnector(options.ca),
      origins: new OriginMemory(),
    };
    this.#opener = new Opener(this.#deps, this.#pool);
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
      return { ...notSent, observation: { kind }, note: read.message };
    }
    const { target } = read;
    const report = onStep && createStepReporter(target, onStep, startedAt);
    const tries = new Tries(request, target, startedAt);
    let pooled = report ? null : await this.#reuse(target.origin);
    for (;;) {
      const facts = pooled
        ? await this.#exchange(pooled, null, tries, signal)
        : await this.#viaNew(target, tries, report, signal);
      if (!tries.again(facts)) return { ...facts, repeats: tries.repeats };
      if (tries.needsHttp1) this.#deps.origins.of(target.origin).requireHttp1();
      pooled = null;
    }
  }

  async #viaNew(
    target: Target,
    tries: Tries,
    report: StepReporter | undefined,
    signal: AbortSignal | undefined,
  ): Promise<AttemptFacts> {
    const opened = await this.#opener.open(target, report);
    if (!opened.ok) {
      const { observation, times, remoteAddress, note, evidence } = opened.connect;
      await this.#reportFailure(target, opened.connect, report);
      return { ...notSent, observation, times, remoteAddress, note, evidence };
    }
    const { pooled, connect } = opened;
    const facts = await this.#exchange(pooled, connect.times, tries, signal);
    report?.ended(facts.observation, pooled.connection.protocol, facts.exchange?.headersMs ?? null);
    return facts;
  }

  async #exchange(
    pooled: Pooled,
    times: ConnectTimes | null,
    tries: Tries,
    signal: AbortSignal | undefined,
  ): Promise<AttemptFacts> {
    const { connection, origin, idleBeforeMs } = pooled;
    if (signal?.aborted) {
      connection.unclaim();
      this.#pool.release(pooled);
      throw signal.reason;
    }
    const outgoing = tries.outgoing();
    const writtenAt = performance.now();
    const exchange = await connection.exchange(outgoing, tries.answerLeftMs);
    const waitedMs = performance.now() - writtenAt;
    tries.noteWait(waitedMs);
    this.#pool.release(pooled);
    if (idleBeforeMs !== null) {
      const { observation: seen, hasBytes } = exchange;
      if (seen.kind === "answered") origin.noteKept(idleBeforeMs);
      else if (seen.kind === "closed" && !hasBytes && waitedMs < crossedWithinMs) {
        origin.noteEnded(idleBeforeMs);
      }
    }
    return exchangeFacts(exchange, connection, times);
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

  async #reportFailure(
    target: Target,
    { observation, times, remoteAddress }: Extract<ConnectResult, { ok: false }>,
    report: StepReporter | undefined,
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

function eventsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
