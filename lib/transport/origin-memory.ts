const originsMax = 10_000;
/** Requests at once on one HTTP/2 connection, where nothing less is known. */
const streamsMax = 100;
/** Refusals teach for so long: a repeat after one says `isRedelivery: true`, so trying for more has a price. */
const refusalRememberedMs = 3_600_000;
const http1RememberedMs = 86_400_000;
/** A bot server reloads now and then: closing sooner than before counts as a new habit only when it comes again and again. */
const newHabitAfter = 3;
const oneReloadMs = 1_000;

/**
 * What was learned about an origin from how it behaved. Nothing of it changes what is right, only what is tried: each
 * wrong belief costs a connection or a repeat, and is given up when something contradicts it.
 */
export class Origin {
  /** It chose HTTP/2, so the first of several requests opens the connection for all. */
  isHttp2 = false;
  #http1Until = 0;
  #streamsMax = streamsMax;
  #announcedMax = streamsMax;
  #streamsUntil = 0;
  /** Requests that a connection took before GOAWAY turned others away. */
  requestsMax = Number.POSITIVE_INFINITY;
  /** The shortest time after which it ended an unused connection. */
  #endsUnusedMs = Number.POSITIVE_INFINITY;
  /** The longest time unused after which a connection still worked. */
  #keptUnusedMs = 0;
  #contradictions = 0;
  #contradictedAt = Number.NEGATIVE_INFINITY;

  /** It says HTTP/1.1 is required (RFC 9113 section 7). */
  get needsHttp1(): boolean {
    return this.#http1Until > performance.now();
  }

  requireHttp1(): void {
    this.#http1Until = performance.now() + http1RememberedMs;
    this.isHttp2 = false;
  }

  /** Requests that one HTTP/2 connection is given at once. */
  get streamsMax(): number {
    if (this.#streamsUntil < performance.now()) this.#streamsMax = streamsMax;
    return Math.max(1, Math.min(this.#streamsMax, this.#announcedMax));
  }

  /** The last connection's SETTINGS allow so many at once; undefined: any number. */
  noteAnnounced(count: number | undefined): void {
    this.#announcedMax = Math.min(count ?? streamsMax, streamsMax);
  }

  /**
   * A stream was refused while so many others were under way on its connection, some of which may have taken the place of
   * one another: half of them are surely not too many. Beside none it says nothing of how many are.
   */
  noteRefused(others: number): void {
    if (others === 0) return;
    this.#streamsMax = Math.max(1, Math.min(others, this.streamsMax) >> 1);
    this.#streamsUntil = performance.now() + refusalRememberedMs;
  }

  /** GOAWAY admitted so many requests of a connection and turned others away. */
  noteAdmitted(count: number): void {
    this.requestsMax = Math.max(1, count);
  }

  /** A connection answered more requests than were believed to be admitted. */
  noteBeyondAdmitted(): void {
    this.requestsMax *= 2;
  }

  /** How long an unused connection may be used again: half of what it was seen to allow, as its close is on its way before it is seen. */
  get usableMs(): number {
    return this.#endsUnusedMs / 2;
  }

  /** An unused connection that is older than this and still open shows that `usableMs` is believed too short. */
  get disprovedAfterMs(): number {
    return this.#endsUnusedMs * 1.5 + 500;
  }

  /** It ended a connection that was unused for so long, or ended it under the first request after that. */
  noteEnded(unusedMs: number): void {
    const now = performance.now();
    if (unusedMs < this.#keptUnusedMs * 0.8) {
      // A reload ends connections of every age, all of them within a moment.
      if (now - this.#contradictedAt < oneReloadMs) return;
      this.#contradictedAt = now;
      if (++this.#contradictions < newHabitAfter) return;
      this.#keptUnusedMs = 0;
    }
    this.#contradictions = 0;
    this.#endsUnusedMs = Math.min(this.#endsUnusedMs, unusedMs);
  }

  /** A connection that was unused for so long has answered. */
  noteKept(unusedMs: number): void {
    this.#contradictions = 0;
    if (unusedMs > this.#keptUnusedMs) this.#keptUnusedMs = unusedMs;
  }

  /** A connection stayed open far beyond the time after which it was believed to be ended. */
  disprove(): void {
    this.#endsUnusedMs = Number.POSITIVE_INFINITY;
  }
}

/** What is known of origins; beyond 10,000 the one met first is forgotten. */
export class OriginMemory {
  readonly #origins = new Map<string, Origin>();

  of(name: string): Origin {
    const known = this.#origins.get(name);
    if (known) return known;
    const oldest = this.#origins.size < originsMax ? undefined : this.#origins.keys().next().value;
    if (oldest !== undefined) this.#origins.delete(oldest);
    const made = new Origin();
    this.#origins.set(name, made);
    return made;
  }
}
