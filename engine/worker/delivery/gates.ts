/** Requests of one key (a channel, a host) on the wire, and what is known of its bot server. */
type Gate = {
  /** Requests that its bot server may be working on at once. */
  places: number;
  running: number;
  /** How many of them are not overdue. */
  live: number;
  /** In the order of their beginning; the first is live, as far as there is one. */
  begun: Stay[];
  /** How long an answer takes, of late; null before the first. */
  usualMs: number | null;
  /** How long a request holds its place, of late, answered or not; null before the first has ended. */
  heldMs: number | null;
  begunSinceAnswer: number;
  answeredAt: number;
  /** The last one that ended was slow. */
  wasSlow: boolean;
};

/** One request on the wire. */
export type Stay = {
  readonly gate: Gate;
  readonly since: number;
  state: "live" | "overdue" | "over";
};

export type GateLimits = {
  /** Places of a key that nothing is known of. */
  start: number;
  /** Places of a key that answers fast. */
  max: number;
  /** Places of a key whose server is slow or silent: it stands aside. */
  aside: number;
};

export type Gates = {
  hasPlace: (key: string) => boolean;
  running: (key: string) => number;
  /** Its requests hold their places for long: what begins now may do so too. */
  isSlow: (key: string) => boolean;
  /** Its server answers nothing, or slowly. */
  isAside: (key: string) => boolean;
  isKnown: (key: string) => boolean;
  /** How many may wait in hand, so that none waits for longer than it takes to fetch more. */
  aheadMax: (key: string) => number;
  enter: (key: string) => Stay;
  leave: (stay: Stay) => void;
};

/** Who held a place this long has hardly been worked on: the answer time is over, or nearly so. */
const slowMs = 1_500;
/** Answers that usually take longer may be those of an overloaded server: nothing of it counts as overdue. */
const promptMs = 500;
/** A request is overdue after four times the usual time, within these bounds. */
const patienceFactor = 4;
const patienceMinMs = 100;
/** So many requests begun without an answer since, and the server is not said to answer others. */
const silentMax = 32;
/** Fetching more takes a few milliseconds to some tens; the rest is for a database that is busy. */
const aheadMs = 200;
/** Weights of the newest in the averages. */
const usualWeight = 1 / 8;
const heldWeight = 1 / 32;
/** Known keys are forgotten beyond this, the idle ones first that are not slow. */
const keysMax = 20_000;

/**
 * Places double with each fast answer and fall to the aside limit with a slow one, so that a bot server that is down or
 * overloaded is left alone, and comes back by itself with its first fast answers. They bound what the server is working
 * on: where it goes on answering others promptly, a request that has been out far longer than usual hangs, costs the
 * server nothing, and takes no place of those that will be answered. What all of them together take of the worker is
 * not decided here but in places.ts.
 */
export function createGates(
  limits: GateLimits,
  now: () => number = () => performance.now(),
): Gates {
  const gates = new Map<string, Gate>();

  const gateOf = (key: string): Gate => {
    const known = gates.get(key);
    if (known !== undefined) return known;
    if (gates.size >= keysMax) forgetIdle(gates, limits);
    const made = newGate(limits.start);
    gates.set(key, made);
    return made;
  };

  return {
    hasPlace: (key) => {
      const gate = gates.get(key);
      if (gate === undefined || gate.running < gate.places) return true;
      return isLively(gate, now()) && liveCount(gate, now()) < gate.places;
    },
    running: (key) => gates.get(key)?.running ?? 0,
    isSlow: (key) => {
      const gate = gates.get(key);
      if (gate === undefined) return false;
      if (gate.wasSlow || isAside(gate, limits)) return true;
      return gate.running > 0 && liveCount(gate, now()) < gate.running;
    },
    isAside: (key) => {
      const gate = gates.get(key);
      return gate !== undefined && isAside(gate, limits);
    },
    isKnown: (key) => (gates.get(key)?.usualMs ?? null) !== null,
    aheadMax: (key) => {
      const gate = gates.get(key);
      if (gate === undefined || gate.heldMs === null) return limits.start;
      return gate.places + Math.ceil((gate.running * aheadMs) / Math.max(1, gate.heldMs));
    },
    enter: (key) => {
      const gate = gateOf(key);
      const stay: Stay = { gate, since: now(), state: "live" };
      gate.running += 1;
      gate.live += 1;
      gate.begunSinceAnswer += 1;
      gate.begun.push(stay);
      return stay;
    },
    leave: (stay) => end(stay, limits, now()),
  };
}

function newGate(places: number): Gate {
  return {
    places,
    running: 0,
    live: 0,
    begun: [],
    usualMs: null,
    heldMs: null,
    begunSinceAnswer: 0,
    answeredAt: Number.NEGATIVE_INFINITY,
    wasSlow: false,
  };
}

function end(stay: Stay, limits: GateLimits, now: number): void {
  const { gate } = stay;
  const ms = now - stay.since;
  gate.running -= 1;
  if (stay.state === "live") gate.live -= 1;
  stay.state = "over";
  while (gate.begun[0]?.state === "over") gate.begun.shift();
  gate.heldMs = average(gate.heldMs, ms, heldWeight);
  gate.wasSlow = ms >= slowMs;
  if (gate.wasSlow) {
    if (!isLively(gate, now)) gate.places = limits.aside;
    return;
  }
  gate.usualMs = average(gate.usualMs, ms, usualWeight);
  gate.begunSinceAnswer = 0;
  gate.answeredAt = now;
  gate.places = Math.min(limits.max, gate.places * 2);
}

const average = (before: number | null, newest: number, weight: number): number =>
  before === null ? newest : before + (newest - before) * weight;

const patienceMs = (gate: Gate): number =>
  Math.min(slowMs, Math.max(patienceMinMs, patienceFactor * (gate.usualMs ?? slowMs)));

/** It answers others, and promptly: one that is not answered hangs by itself, not for the load. */
function isLively(gate: Gate, now: number): boolean {
  if (gate.usualMs === null || gate.usualMs >= promptMs) return false;
  return gate.begunSinceAnswer < silentMax || now - gate.answeredAt < patienceMs(gate);
}

function liveCount(gate: Gate, now: number): number {
  if (gate.live === 0) return 0;
  const overdueBefore = now - patienceMs(gate);
  let first = gate.begun[0];
  while (first !== undefined && (first.state === "over" || first.since <= overdueBefore)) {
    if (first.state === "live") {
      first.state = "overdue";
      gate.live -= 1;
    }
    gate.begun.shift();
    first = gate.begun[0];
  }
  return gate.live;
}

const isAside = (gate: Gate, limits: GateLimits): boolean => gate.places < limits.start;

/** A healthy key loses little by it: it begins with the start limit again. */
function forgetIdle(gates: Map<string, Gate>, limits: GateLimits): void {
  const isSlow = (gate: Gate) => gate.wasSlow || isAside(gate, limits);
  for (const [key, gate] of gates) if (gate.running === 0 && !isSlow(gate)) gates.delete(key);
  if (gates.size < keysMax / 2) return;
  for (const [key, gate] of gates) if (gate.running === 0) gates.delete(key);
}
