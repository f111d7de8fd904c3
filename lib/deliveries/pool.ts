import type { Connection } from "./exchange.ts";

/** A pooled connection. `idleSince` is null while it is in use. */
export type Pooled = {
  readonly origin: string;
  readonly connection: Connection;
  idleSince: number | null;
};

const sweepEveryMs = 500;
// Bounds file descriptors, however many bot servers were called in the last seconds.
const idleMax = 2_048;

// Unused for longer than this: a close by the server may wait unread in the kernel.
export const suspectAfterMs = 20;

/**
 * The open connections of a sender, by origin. An origin is forgotten with its last connection, so memory follows what
 * is open, not what was ever called. How many are busy at once is the caller's business.
 */
export class ConnectionPool {
  readonly #origins = new Map<string, Pooled[]>();
  readonly #pooled = new Map<Connection, Pooled>();
  // In order of becoming idle: the first is the one to give up when there are too many.
  readonly #idle = new Set<Pooled>();
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
  take(origin: string): { pooled: Pooled; idleForMs: number } | null {
    const list = this.#origins.get(origin);
    if (!list) return null;
    const now = performance.now();
    for (let index = list.length - 1; index >= 0; index--) {
      const pooled = list[index];
      if (!pooled?.connection.isFree()) continue;
      // HTTP/1.1 carries one request at a time, also while its taker has not written yet.
      if (pooled.idleSince === null && pooled.connection.protocol !== "h2") continue;
      if (isOver(pooled, now)) {
        pooled.connection.destroy();
        continue;
      }
      const idleForMs = pooled.idleSince === null ? 0 : now - pooled.idleSince;
      this.#use(pooled);
      return { pooled, idleForMs };
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
    if (this.#closed || pooled.connection.idleMs() === 0) {
      pooled.connection.destroy();
      return;
    }
    pooled.idleSince = performance.now();
    this.#idle.add(pooled);
    this.#sweep ??= setInterval(() => this.#sweepIdle(), sweepEveryMs).unref();
    const [oldest] = this.#idle.size > idleMax ? this.#idle : [];
    oldest?.connection.destroy();
    if (oldest) this.forget(oldest.connection);
  }

  /** A connection is gone. */
  forget(connection: Connection): void {
    const pooled = this.#pooled.get(connection);
    if (!pooled) return;
    this.#pooled.delete(connection);
    this.#idle.delete(pooled);
    const list = this.#origins.get(pooled.origin);
    if (!list) return;
    list.splice(list.indexOf(pooled), 1);
    if (list.length === 0) this.#origins.delete(pooled.origin);
  }

  /** Ends what is unused now and, from now on, whatever becomes unused. */
  close(): void {
    this.#closed = true;
    if (this.#sweep) clearInterval(this.#sweep);
    for (const { connection } of this.#idle) connection.destroy();
  }

  /** Ends everything, with requests under way. */
  destroy(): void {
    this.close();
    for (const connection of [...this.#pooled.keys()]) {
      connection.destroy();
      this.forget(connection);
    }
  }

  #use(pooled: Pooled): void {
    pooled.idleSince = null;
    this.#idle.delete(pooled);
  }

  #sweepIdle(): void {
    const now = performance.now();
    for (const pooled of this.#idle) if (isOver(pooled, now)) pooled.connection.destroy();
    if (this.#idle.size > 0 || !this.#sweep) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }
}

function isOver({ idleSince, connection }: Pooled, now: number): boolean {
  return idleSince !== null && now - idleSince >= connection.idleMs();
}
