/** How many requests one key (a channel, a host) may have on the wire. */
type Gate = { inHand: number; places: number };

export type GateLimits = {
  /** Places of a key that nothing is known of. */
  start: number;
  /** Places of a key that answers fast. */
  max: number;
  /** Places of a key whose server is slow or silent: it stands aside. */
  aside: number;
};

export type Gates = {
  /** Places left for this key. */
  left: (key: string) => number;
  enter: (key: string) => void;
  /** `slow`: the request held its place for nearly the whole answer time. */
  leave: (key: string, slow: boolean) => void;
  /** Keys with no place left. */
  full: () => string[];
};

/** Known keys are forgotten beyond this, the idle ones first. */
const keysMax = 20_000;

/**
 * Places double with each fast answer and fall to the aside limit with a slow one. So a hanging bot server soon holds
 * two places instead of two hundred, and comes back by itself with its first fast answers.
 */
export function createGates(limits: GateLimits): Gates {
  const gates = new Map<string, Gate>();
  const full = new Set<string>();

  const gateOf = (key: string): Gate => {
    const known = gates.get(key);
    if (known !== undefined) return known;
    if (gates.size >= keysMax) forgetIdle(gates);
    const made = { inHand: 0, places: limits.start };
    gates.set(key, made);
    return made;
  };

  const mark = (key: string, gate: Gate): void => {
    if (gate.inHand >= gate.places) full.add(key);
    else full.delete(key);
  };

  return {
    left: (key) => {
      const gate = gates.get(key);
      return gate === undefined ? limits.start : Math.max(0, gate.places - gate.inHand);
    },
    enter: (key) => {
      const gate = gateOf(key);
      gate.inHand += 1;
      mark(key, gate);
    },
    leave: (key, slow) => {
      const gate = gateOf(key);
      gate.inHand = Math.max(0, gate.inHand - 1);
      gate.places = slow ? limits.aside : Math.min(limits.max, gate.places * 2);
      mark(key, gate);
    },
    full: () => [...full],
  };
}

function forgetIdle(gates: Map<string, Gate>): void {
  for (const [key, gate] of gates) if (gate.inHand === 0) gates.delete(key);
}
