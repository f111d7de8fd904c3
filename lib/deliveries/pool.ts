import type { Connection } from "./exchange.ts";

/** A pooled connection. `idleSince` is null while it is in use. */
export type Pooled = {
  readonly origin: string;
  readonly connection: Connection;
  idleSince: number | null;
};

/** A connection to use. `wasIdle`: nothing was under way on it. */
export type Taken = { pooled: Pooled; wasIdle: boolean };

const sweepEveryMs = 500;
// Bounds file descriptors, however many bot servers were called in the last seconds.
const idleMax = 2_048;

// A server that ends an unused connection this soon does so after every answer, without saying so.
const hastyCloseMs = 1_000;
const hastyRememberedMs = 600_000;
const hastyMax = 10_000;

/**
 * The open connections of a sender, by origin. An origin is forgotten with its last connection, so memory follows what
 * is open, not what was ever called. How many are busy at once is the caller's business.
 */
export class ConnectionPool {
  readonly #origins = new Map<string, Pooled[]>();
  readonly #pooled = new Map<Connection, Pooled>();
  // In order of becoming idle: the first is the one to give up when there are too many.
  readonly #idle = new Set<Pooled>();
  // Origins whose connections are not used again, and until when.
  readonly #hasty = new Map<string, number>();
  #sweep: NodeJS.Timeout | null = null;
  #closed = false;

  get openCount(): number {
    return this.#pooled.size;
  }

  get idleCount(): number {
    return this.#idle.size;
  }

  get originCount(): number {
    return this.#origins.size;
  }

  /** An open connection that can take a request: the newest, so that those not needed stay unused and are given up. */
  take(origin: string): Taken | null {
    const list = this.#origins.get(origin);
    if (!list) return null;
    const now = performance.now();
    for (let index = list.length - 1; index >= 0; index--) {
      const pooled = list[index];
      if (!pooled?.connection.isFree()) continue;
      // HTTP/1.1 carries one request at a time, also while its taker has not written yet.
      if (pooled.idleSince === null && pooled.connection.protocol !== "h2") continue;
      if (isOver(pooled, now)) {
        this.#giveUp(pooled);
        continue;
      }
      const wasIdle = pooled.idleSince !== null;
      pooled.idleSince = null;
      this.#idle.delete(pooled);
      return { pooled, wasIdle };
    }
    return null;
  }

  /** Takes in a new connection, in use. */
  add(origin: string, connection: Connection): Pooled {
    const pooled: Pooled = { origin, connection, idleSince: null };
    this.#pooled.set(connection, pooled);
    const list = this.#origins.get(origin);
    if (list) list.push(pooled);
    else this.#origins.set(origin, [pooled]);
    return pooled;
  }

  /** After a request: kept for the next where the connection allows. */
  release(pooled: Pooled): void {
    if (pooled.connection.isBusy || !this.#pooled.has(pooled.connection)) return;
    if (this.#closed || pooled.connection.idleMs() === 0 || this.#isHasty(pooled.origin)) {
      this.#giveUp(pooled);
      return;
    }
    pooled.idleSince = performance.now();
    this.#idle.add(pooled);
    this.#sweep ??= setInterval(() => this.#sweepIdle(), sweepEveryMs).unref();
    const [oldest] = this.#idle.size > idleMax ? this.#idle : [];
    if (oldest) this.#giveUp(oldest);
  }

  /** A connection has ended by itself. */
  forget(connection: Connection): void {
    const pooled = this.#pooled.get(connection);
    if (!pooled) return;
    const { idleSince, origin } = pooled;
    if (idleSince !== null && performance.now() - idleSince < hastyCloseMs) this.avoidReuse(origin);
    this.#remove(pooled);
  }

  /**
   * The server ends connections without announcing it. For 10 minutes each request gets its own: one written into a
   * connection that is just being closed is lost, and may not be sent again.
   */
  avoidReuse(origin: string): void {
    if (this.#hasty.size >= hastyMax) this.#hasty.clear();
    this.#hasty.set(origin, performance.now() + hastyRememberedMs);
  }

  /** Ends what is unused now and, from now on, whatever becomes unused. */
  close(): void {
    this.#closed = true;
    if (this.#sweep) clearInterval(this.#sweep);
    for (const pooled of [...this.#idle]) this.#giveUp(pooled);
  }

  /** Ends everything, with requests under way. */
  destroy(): void {
    this.close();
    for (const pooled of [...this.#pooled.values()]) this.#giveUp(pooled);
  }

  #giveUp(pooled: Pooled): void {
    this.#remove(pooled);
    pooled.connection.destroy();
  }

  #remove(pooled: Pooled): void {
    this.#pooled.delete(pooled.connection);
    this.#idle.delete(pooled);
    const list = this.#origins.get(pooled.origin);
    if (!list) return;
    const index = list.indexOf(pooled);
    if (index !== -1) list.splice(index, 1);
    if (list.length === 0) this.#origins.delete(pooled.origin);
  }

  #isHasty(origin: string): boolean {
    if (this.#hasty.size === 0) return false;
    const until = this.#hasty.get(origin);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    this.#hasty.delete(origin);
    return false;
  }

  #sweepIdle(): void {
    const now = performance.now();
    for (const pooled of [...this.#idle]) if (isOver(pooled, now)) this.#giveUp(pooled);
    if (this.#idle.size > 0 || !this.#sweep) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }
}

function isOver({ idleSince, connection }: Pooled, now: number): boolean {
  return idleSince !== null && now - idleSince >= connection.idleMs();
}
