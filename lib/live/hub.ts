import { createAllowance } from "#lib/allowance.ts";
import { AppError } from "#lib/app-error.ts";
import type { Listener, ListenOptions } from "#lib/listener.ts";
import type { Leave } from "#lib/room.ts";
import { within } from "#lib/within.ts";
import { beatEveryMs, fullSeconds, type LiveMessage, type LiveTopic } from "./schema.ts";
import { readPayload } from "./signal.ts";

/** One open page of one person. */
export type LiveViewer = {
  sessionId: string;
  userId: string;
  channelId: string;
  topic: LiveTopic;
};

export type LiveHub = {
  /**
   * Sends to the viewer until the returned function is called, or `end` was sent.
   * @throws AppError `rate_limited` when the person has too many pages open, `unavailable` once the hub is closed.
   */
  join: (
    viewer: LiveViewer,
    send: (message: LiveMessage) => void,
    /** The hub closes: the line is to be ended without `end`, so that the viewer comes back to whoever answers then. */
    hangUp: () => void,
  ) => () => void;
  /**
   * Keeps a place for a session while it is asked who that is and what they may, until the returned function is called;
   * null when the person has too many pages open already. Asks nobody.
   */
  knock: (sessionId: string) => (() => void) | null;
  /** Whether `knock` would find no place. */
  isFull: (sessionId: string) => boolean;
  close: () => Promise<void>;
};

export type LiveHubOptions = {
  listen: (handlers: Pick<ListenOptions, "onMessage" | "onListening" | "onLost">) => Listener;
  /** Which of the viewers may still look: one question for all of them. */
  stillMay: (viewers: readonly LiveViewer[]) => Promise<ReadonlySet<LiveViewer>>;
  /** How often that is asked; 5 s unless told. */
  checkEveryMs?: number;
};

export const viewsPerUserMax = 12;
/** Questions without an answer each hold connections to the database: there are no more of them at once. */
const questionsMax = 2;
/** A viewer is told of changes at most this often; the first one at once. */
const changeEveryMs = 1_000;
const defaultCheckEveryMs = 5_000;
/** Without viewers the database is listened to this much longer, so that going from page to page keeps the line. */
const lingerMs = 30_000;

type Seat = {
  viewer: LiveViewer;
  send: (message: LiveMessage) => void;
  hangUp: () => void;
  giveUp: Leave;
};

/** Gives the news of one listening connection to every viewer of this process. The connection is there while viewers are. */
export function createLiveHub(options: LiveHubOptions): LiveHub {
  const seats = new Set<Seat>();
  const allowance = createAllowance(viewsPerUserMax);
  const checkEveryMs = options.checkEveryMs ?? defaultCheckEveryMs;
  const news = createThrottle((key) => {
    // Who may still look is not known: they are told to look again when it is.
    if (isBlind) return;
    for (const seat of seats) if (keyOf(seat.viewer) === key) seat.send("change");
  });
  let listener: Listener | undefined;
  let isListening = false;
  /** The last question who may still look was not answered. */
  let isBlind = false;
  let questions = 0;
  let closed = false;
  let lingering: NodeJS.Timeout | undefined;
  const timers: NodeJS.Timeout[] = [];

  const tellAll = (message: LiveMessage): void => {
    for (const seat of seats) seat.send(message);
  };
  const standing = (): LiveMessage => (isListening && !isBlind ? "ready" : "waiting");
  const open = (): void => {
    clearTimeout(lingering);
    if (listener !== undefined) return;
    listener = options.listen({
      onMessage: (payload) => {
        const { topic, channelIds } = readPayload(payload);
        for (const channelId of channelIds) news.note(keyOf({ topic, channelId }), seats.size > 0);
      },
      onListening: () => {
        isListening = true;
        tellAll(standing());
      },
      onLost: () => {
        isListening = false;
        tellAll("waiting");
      },
    });
    timers.push(
      setInterval(() => tellAll("beat"), beatEveryMs),
      setInterval(() => void check(), checkEveryMs),
    );
  };
  const shut = async (): Promise<void> => {
    clearTimeout(lingering);
    for (const timer of timers.splice(0)) clearInterval(timer);
    news.stop();
    const last = listener;
    listener = undefined;
    isListening = false;
    await last?.stop();
  };
  const leave = (seat: Seat): void => {
    seat.giveUp();
    if (!seats.delete(seat) || seats.size > 0 || closed) return;
    lingering = setTimeout(() => void shut(), lingerMs);
  };
  const check = async (): Promise<void> => {
    const asked = [...seats];
    if (asked.length === 0 || questions >= questionsMax) return;
    questions += 1;
    const question = options.stillMay(asked.map((seat) => seat.viewer)).finally(() => {
      questions -= 1;
    });
    const may = await within(checkEveryMs, question).catch(() => undefined);
    const was = standing();
    isBlind = may === undefined;
    for (const seat of may === undefined ? [] : asked) {
      if (may?.has(seat.viewer)) continue;
      seat.send("end");
      leave(seat);
    }
    if (standing() !== was) tellAll(standing());
  };

  return {
    join: (viewer, send, hangUp) => {
      if (closed) throw new AppError("unavailable", "This console is being stopped.");
      const giveUp = allowance.take(viewer.sessionId, viewer.userId);
      if (giveUp === null) {
        throw new AppError("rate_limited", "Too many live pages are open.", {
          values: { seconds: fullSeconds },
        });
      }
      const seat = { viewer, send, hangUp, giveUp };
      seats.add(seat);
      open();
      send(standing());
      return () => leave(seat);
    },
    knock: allowance.knock,
    isFull: allowance.isFull,
    close: async () => {
      closed = true;
      for (const seat of seats) {
        seat.hangUp();
        seat.giveUp();
      }
      seats.clear();
      await shut();
    },
  };
}

const keyOf = ({ topic, channelId }: { topic: string; channelId: string }): string =>
  `${topic}:${channelId}`;

/** Calls `pass` for a key at once, and then at most once per second while news of it go on. */
function createThrottle(pass: (key: string) => void) {
  const resting = new Map<string, { timer: NodeJS.Timeout; more: boolean }>();
  const rest = (key: string): void => {
    const timer = setTimeout(() => {
      const more = resting.get(key)?.more === true;
      resting.delete(key);
      if (more) go(key);
    }, changeEveryMs);
    resting.set(key, { timer, more: false });
  };
  const go = (key: string): void => {
    pass(key);
    rest(key);
  };
  return {
    note: (key: string, isWatched: boolean) => {
      const known = resting.get(key);
      if (known !== undefined) known.more = true;
      else if (isWatched) go(key);
    },
    stop: () => {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
    },
  };
}
