import { createAllowance } from "#lib/allowance.ts";
import { AppError } from "#lib/app-error.ts";
import { type Db, openDatabase } from "#lib/db.ts";
import { createFairRoom } from "#lib/fair-room.ts";
import { readAgainSeconds, readingBounds } from "./bounds.ts";
import { createTicket, ReadingPool } from "./reading-pool.ts";

/** Who reads: a person by one of their sessions; of a program both are the id of its key. */
export type Reader = { userId: string; sessionId: string };

export type Reading = {
  /**
   * Answers a question whose cost grows with what is stored, on connections of its own. `signal`: the reader has left, which
   * ends it.
   * @throws AppError unavailable, with the key `reading_busy` when too much is being read, or `reading_long` when this took too long.
   */
  read: <T>(reader: Reader, ask: (db: Db) => Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** Whether so much of this session's person is under way that one more would be refused; known without a question. */
  isFull: (sessionId: string) => boolean;
  close: () => Promise<void>;
};

export type ReadingOptions = {
  name: string;
  bounds?: typeof readingBounds;
  onIdleError?: (error: Error) => void;
};

/**
 * Opens the way for questions of pages and lists whose cost grows with what is stored. They share connections with nothing
 * else, so that sign-in, forms and small pages have theirs whatever is being read; one person has a share of them; each
 * question has an end, of which the database knows too. Does not protect from many persons at once: they wait in one line.
 */
export function openReading(url: string, options: ReadingOptions): Reading {
  const bounds = options.bounds ?? readingBounds;
  const { placesPerPerson, waitingPerPerson: waitingPerKey } = bounds;
  const database = openDatabase(url, {
    ...options,
    connectionsMax: bounds.places * bounds.connectionsPerQuestion,
    // A process that stops cannot end its statements; one that runs does it before.
    statementMs: bounds.longestMs + 5_000,
    silenceMs: bounds.longestMs + 10_000,
    acquireMs: 3_000,
    lockMs: 3_000,
    makePool: (config) => new ReadingPool(config),
  });
  const room = createFairRoom({ ...bounds, placesPerKey: placesPerPerson, waitingPerKey });
  const crowd = createAllowance(placesPerPerson + waitingPerKey);

  const answer = async <T>(
    ask: (db: Db) => Promise<T>,
    signal: AbortSignal | undefined,
    leave: () => void,
  ): Promise<T> => {
    const ticket = createTicket(bounds.connectionsPerQuestion);
    const left = () => ticket.end(new Error("the reader left"));
    signal?.addEventListener("abort", left);
    if (signal?.aborted === true) left();
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      ticket.end(new Error(`took longer than ${bounds.longestMs} ms`));
    }, bounds.longestMs);
    const finish = (): void => {
      clearTimeout(late);
      signal?.removeEventListener("abort", left);
      leave();
    };
    try {
      return await ticket.run(() => ask(database.db));
    } catch (error) {
      // What was asked beside what failed is asked for nothing.
      ticket.end(new Error("another part of the question failed"));
      throw isLate ? tooLong(bounds.longestMs, error) : error;
    } finally {
      // A part that the answer does not wait for (a count that streams in later) keeps the place.
      void ticket.idle().then(finish);
    }
  };

  return {
    isFull: crowd.isFull,
    read: async (reader, ask, signal) => {
      const stepOut = crowd.take(reader.sessionId, reader.userId);
      if (stepOut === null) throw tooBusy();
      const leave = await room.enter(reader.userId, bounds.patienceMs);
      if (leave === null) {
        stepOut();
        throw tooBusy();
      }
      return answer(ask, signal, () => {
        leave();
        stepOut();
      });
    },
    close: database.close,
  };
}

const tooBusy = () =>
  new AppError(
    "unavailable",
    "Too many large reads are running right now: try again in a moment.",
    {
      key: "reading_busy",
      values: { seconds: readAgainSeconds },
    },
  );

const tooLong = (longestMs: number, cause: unknown) =>
  new AppError("unavailable", "This takes too long to read: ask for a shorter time range.", {
    key: "reading_long",
    values: { seconds: Math.round(longestMs / 1_000) },
    cause,
  });
