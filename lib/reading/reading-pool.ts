import { AsyncLocalStorage } from "node:async_hooks";
import { type Client, Pool, type PoolClient } from "pg";
import { createRoom, type Leave } from "#lib/room.ts";

/** What one reader holds of a pool. */
export type Ticket = {
  /** Everything that `work` asks the pool is the ticket's. */
  run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends the statements under way, and every later one fails. Twice is once. */
  end: (reason: Error) => void;
  /** When nothing is asked any more. */
  idle: () => Promise<void>;
};

type Holding = {
  enter: () => Promise<Leave>;
  clients: Set<PoolClient>;
  ended: Error | undefined;
  asked: number;
  onIdle: (() => void)[];
};

const holdings = new AsyncLocalStorage<Holding>();

type Taken = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/**
 * A pool that knows for whom a connection is taken, however deep below (Prisma asks it through `connect` too): of each
 * ticket so many at once, and a ticket that ends breaks its connections off, which ends what the database does for them.
 * Whoever has no ticket is served as by any pool.
 */
export class ReadingPool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: Taken): void;
  override connect(callback?: Taken): Promise<PoolClient> | undefined {
    const holding = holdings.getStore();
    const taken = holding === undefined ? super.connect() : this.#take(holding);
    if (callback === undefined) return taken;
    taken.then(
      (client) => callback(undefined, client, (broken) => client.release(broken === true)),
      (error: unknown) => callback(asError(error), undefined, () => undefined),
    );
    return undefined;
  }

  async #take(holding: Holding): Promise<PoolClient> {
    holding.asked += 1;
    let isSettled = false;
    // Once, whether the client goes back or never came: a reader who leaves while it comes is both.
    const settle = (): void => {
      if (isSettled) return;
      isSettled = true;
      holding.asked -= 1;
      if (holding.asked === 0) for (const tell of holding.onIdle.splice(0)) tell();
    };
    let leave: Leave | undefined;
    try {
      leave = await holding.enter();
      if (holding.ended !== undefined) throw holding.ended;
      return this.#hold(holding, await super.connect(), () => {
        leave?.();
        settle();
      });
    } catch (error) {
      leave?.();
      settle();
      throw error;
    }
  }

  #hold(holding: Holding, client: PoolClient, onRelease: () => void): PoolClient {
    // The pool gives a client this method anew each time it hands it out.
    const release = client.release.bind(client);
    client.release = (broken) => {
      holding.clients.delete(client);
      release(broken ?? holding.ended);
      onRelease();
    };
    if (holding.ended !== undefined) {
      client.release(holding.ended);
      throw holding.ended;
    }
    holding.clients.add(client);
    return client;
  }
}

/** A ticket with so many connections at once, of whatever ReadingPool is asked under it. */
export function createTicket(connectionsMax: number): Ticket {
  const room = createRoom(connectionsMax);
  const holding: Holding = {
    // Whoever waits here is let in when a statement before it ends, which the ticket's end sees to.
    enter: async () => (await room.enter(2_147_483_647)) ?? (() => undefined),
    clients: new Set(),
    ended: undefined,
    asked: 0,
    onIdle: [],
  };
  return {
    // Prisma begins when its promise is waited for, which has to happen in here.
    run: (work) => holdings.run(holding, async () => await work()),
    end: (reason) => {
      if (holding.ended !== undefined) return;
      holding.ended = reason;
      // `end` cuts the connection off when a statement is under way.
      for (const client of [...holding.clients]) void endClient(client);
    },
    idle: () =>
      holding.asked === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            holding.onIdle.push(resolve);
          }),
  };
}

/** What the pool hands out is a Client (its docs say so, its types do not), and only that can be cut off. */
function endClient(client: PoolClient): Promise<void> {
  const whole: { end: () => Promise<void> } = client as unknown as Client;
  return whole.end().catch(() => undefined);
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
