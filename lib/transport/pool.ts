import type { Connection } from "./exchange.ts";
import type { Origin } from "./origin-memory.ts";

/** A pooled connection. `idleSince` is null while it is in use. */
export type Pooled = {
  readonly name: string;
  readonly origin: Origin;
  readonly connection: Connection;
  idleSince: number | null;
  readonly openedAt: number;
  /** How long it was unused before the request that it carries or carried last; null when it was not, as for its first. */
  idleBeforeMs: number | null;
  /** Not used any more, kept open to see how long the server lets it be. */
  isWatched: boolean;
};

/** A connection to use, claimed for one request. `wasIdle`: nothing was under way on it. */
export type Taken = { pooled: Pooled; wasIdle: boolean };

const sweepEveryMs = 500;
/** However busy, a connection carries no new request after this: a new certificate or address of the server is met by then. */
const ageMaxMs = 600_000;
// Bounds file descriptors, however many bot servers were called in the last seconds.
const idleMax = 2_048;

/**
 * The open connections of a sender, by origin. An origin is forgotten with its last connection, so memory follows what
 * is open, not what was ever called. How many are busy at once is the caller's business.
 */
export class ConnectionPool {
  readonly #origins = new Map<string, Pooled[]>();
  readonly #pooled = new Map<Connection, Pooled>();
  // In order of becoming idle: the first is the one to give up when there are too many.
  readonly #idle = new Set<Pooled>();
  readonly #watched = new Set<Origin>();
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
  take(name: string): Taken | null {
    const list = this.#origins.get(name);
    if (!list) return null;
    const now = performance.now();
    for (let index = list.length - 1; index >= 0; index--) {
      const pooled = list[index];
      if (!pooled?.connection.isFree() || pooled.isWatched) continue;
      if (pooled.connection.protocol === "h2" && pooled.origin.needsHttp1) continue;
      const idleMs = pooled.idleSince === null ? null : now - pooled.idleSince;
      if (this.#isPast(pooled, now, idleMs)) continue;
      pooled.idleSince = null;
      pooled.idleBeforeMs = idleMs;
      this.#idle.delete(pooled);
      pooled.connection.claim();
      return { pooled, wasIdle: idleMs !== null };
    }
    return null;
  }

  /** Takes in a new connection, claimed for its first request. */
  add(name: string, origin: Origin, connection: Connection): Pooled {
    connection.claim();
    const pooled: Pooled = {
      name,
      origin,
      connection,
      openedAt: performance.now(),
      idleSince: null,
      idleBeforeMs: null,
      isWatched: false,
    };
    this.#pooled.set(connection, pooled);
    const list = this.#origins.get(name);
    if (list) list.push(pooled);
    else this.#origins.set(name, [pooled]);
    return pooled;
  }

  /** After a request: kept for the next where the connection allows. */
  release(pooled: Pooled): void {
    if (pooled.connection.isBusy || !this.#pooled.has(pooled.connection)) return;
    // One that we ended, or that ends, was never unused: its end says nothing of how long the server keeps others.
    const now = performance.now();
    const isUsable = pooled.connection.idleMs() > 0 && !isOld(pooled, now);
    if (this.#closed || pooled.connection.isDead() || !isUsable) {
      this.#giveUp(pooled);
      return;
    }
    pooled.idleSince = now;
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
    if (idleSince !== null) origin.noteEnded(performance.now() - idleSince);
    this.#remove(pooled);
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

  /** Whether it may carry no new request; then it is given up, if nothing is under way on it. */
  #isPast(pooled: Pooled, now: number, idleMs: number | null): boolean {
    const isPast = isOld(pooled, now) || (idleMs !== null && idleMs >= usableMs(pooled));
    if (!isPast || idleMs === null) return isPast;
    if (isOld(pooled, now)) this.#giveUp(pooled);
    else this.#leaveUnused(pooled, idleMs);
    return true;
  }

  /**
   * Unused for too long to be used again. Where that is only believed, from how the server ended others, one connection of the origin
   * stays open to see: a reload of the server ends unused connections of any age, and must not be taken for a habit.
   */
  #leaveUnused(pooled: Pooled, idleMs: number): void {
    const { connection, origin } = pooled;
    const isBelieved = idleMs < connection.idleMs();
    if (!isBelieved || (!pooled.isWatched && this.#watched.has(origin))) this.#giveUp(pooled);
    else if (!pooled.isWatched) {
      pooled.isWatched = true;
      this.#watched.add(origin);
    } else if (idleMs >= origin.disprovedAfterMs) {
      origin.disprove();
      this.#giveUp(pooled);
    }
  }

  #giveUp(pooled: Pooled): void {
    this.#remove(pooled);
    pooled.connection.destroy();
  }

  #remove(pooled: Pooled): void {
    this.#pooled.delete(pooled.connection);
    this.#idle.delete(pooled);
    if (pooled.isWatched) this.#watched.delete(pooled.origin);
    const list = this.#origins.get(pooled.name);
    if (!list) return;
    const index = list.indexOf(pooled);
    if (index !== -1) list.splice(index, 1);
    if (list.length === 0) this.#origins.delete(pooled.name);
  }

  #sweepIdle(): void {
    const now = performance.now();
    for (const pooled of [...this.#idle]) {
      const idleMs = now - (pooled.idleSince ?? now);
      if (idleMs >= usableMs(pooled)) this.#leaveUnused(pooled, idleMs);
    }
    if (this.#idle.size > 0 || !this.#sweep) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }
}

function isOld({ openedAt }: Pooled, now: number): boolean {
  return now - openedAt >= ageMaxMs;
}

function usableMs({ connection, origin }: Pooled): number {
  return Math.min(connection.idleMs(), origin.usableMs);
}
