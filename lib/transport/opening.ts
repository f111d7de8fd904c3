import { type ConnectDeps, type ConnectResult, openConnection } from "./connect.ts";
import type { ConnectionPool, Pooled } from "./pool.ts";
import type { Target } from "./target.ts";
import type { StepReporter } from "./wire-steps.ts";

/** A connection claimed for one request, or why there is none. */
export type Opened =
  | { ok: true; pooled: Pooled; connect: Extract<ConnectResult, { ok: true }> }
  | { ok: false; connect: Extract<ConnectResult, { ok: false }> };

/** A connection on its way that others wait for. `left`: requests that it can still be expected to take. */
type Opening = { opened: Promise<Opened>; left: number };

/** Opens connections; requests that come together to an HTTP/2 server share one, as far as it takes them. */
export class Opener {
  readonly #deps: ConnectDeps;
  readonly #pool: ConnectionPool;
  readonly #openings = new Map<string, Opening[]>();

  constructor(deps: ConnectDeps, pool: ConnectionPool) {
    this.#deps = deps;
    this.#pool = pool;
  }

  /** With a `report` the connection is opened for this request alone, step by step. Never rejects. */
  open(target: Target, report: StepReporter | undefined): Promise<Opened> {
    const origin = this.#deps.origins.of(target.origin);
    if (report || !origin.isHttp2) return this.#connect(target, report);
    const list = this.#openings.get(target.origin) ?? [];
    const underWay = list.find((opening) => opening.left > 0);
    if (underWay) {
      underWay.left--;
      return underWay.opened.then((opened) => this.#join(opened, target));
    }
    const left = Math.min(origin.requestsMax, origin.streamsMax) - 1;
    const opening: Opening = { opened: this.#connect(target, report), left };
    this.#openings.set(target.origin, [...list, opening]);
    return opening.opened.finally(() => this.#opened(target.origin, opening));
  }

  #opened(name: string, opening: Opening): void {
    const left = (this.#openings.get(name) ?? []).filter((one) => one !== opening);
    if (left.length > 0) this.#openings.set(name, left);
    else this.#openings.delete(name);
  }

  #join(opened: Opened, target: Target): Opened | Promise<Opened> {
    if (!opened.ok) return opened;
    // Beside one another, whatever was expected: who waited once must not wait for a row of others.
    if (!opened.pooled.connection.isFree()) return this.#connect(target, undefined);
    opened.pooled.connection.claim();
    return opened;
  }

  async #connect(target: Target, report: StepReporter | undefined): Promise<Opened> {
    const connect = await openConnection(
      target,
      this.#deps,
      (dead) => this.#pool.forget(dead),
      report,
    );
    if (!connect.ok) return { ok: false, connect };
    const origin = this.#deps.origins.of(target.origin);
    origin.isHttp2 = connect.connection.protocol === "h2";
    const pooled = this.#pool.add(target.origin, origin, connect.connection);
    return { ok: true, pooled, connect };
  }
}
