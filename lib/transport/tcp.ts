import { connect, type Socket } from "node:net";
import { Deadline } from "./deadline.ts";
import type { Observation } from "./schema.ts";

export type TcpResult = { ok: true; socket: Socket } | { ok: false; observation: Observation };

// RFC 8305 section 5: the next address is tried beside one that does not answer at once.
const nextAddressAfterMs = 250;
// A name with more addresses than this gets no more connections out of one delivery.
const addressesMax = 6;

/**
 * Connects to the first of `addresses` that answers, starting the next whenever one fails or 250 ms pass.
 * All of them together have `timeoutMs`. Never rejects; the losers are destroyed.
 */
export function connectTcp(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
): Promise<TcpResult> {
  return new Promise((resolve) => {
    new TcpRace(addresses.slice(0, addressesMax), port, timeoutMs, resolve).next();
  });
}

class TcpRace {
  readonly #running = new Set<Socket>();
  readonly #deadline: Deadline;
  #stagger: NodeJS.Timeout | undefined;
  #nextIndex = 0;
  #done = false;
  #failure: Observation = { kind: "failed", phase: "tcp", code: "ECONNREFUSED" };
  readonly addresses: readonly string[];
  readonly port: number;
  readonly resolve: (result: TcpResult) => void;

  constructor(
    addresses: readonly string[],
    port: number,
    timeoutMs: number,
    resolve: (result: TcpResult) => void,
  ) {
    this.addresses = addresses;
    this.port = port;
    this.resolve = resolve;
    this.#deadline = new Deadline(timeoutMs, () => {
      this.#finish({ ok: false, observation: { kind: "timed_out", phase: "tcp" } });
    });
  }

  next(): void {
    clearTimeout(this.#stagger);
    const host = this.addresses[this.#nextIndex++];
    if (host === undefined) {
      if (this.#running.size === 0) this.#finish({ ok: false, observation: this.#failure });
      return;
    }
    const socket = connect({ host, port: this.port, noDelay: true, autoSelectFamily: false });
    this.#running.add(socket);
    socket.once("connect", () => this.#finish({ ok: true, socket }));
    socket.on("error", (error) => {
      this.#running.delete(socket);
      this.#failure = tcpFailure(error);
      if (!this.#done) this.next();
    });
    if (this.#nextIndex < this.addresses.length) {
      this.#stagger = setTimeout(() => this.next(), nextAddressAfterMs);
    }
  }

  #finish(result: TcpResult): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#stagger);
    this.#deadline.clear();
    for (const socket of this.#running) {
      if (!result.ok || socket !== result.socket) socket.destroy();
    }
    this.resolve(result);
  }
}

function tcpFailure(error: NodeJS.ErrnoException): Observation {
  const code = error.code ?? "EUNKNOWN";
  if (code === "ETIMEDOUT") return { kind: "timed_out", phase: "tcp" };
  if (code === "ECONNRESET" || code === "EPIPE") return { kind: "closed", phase: "tcp" };
  return { kind: "failed", phase: "tcp", code };
}
