import { createAllowance } from "#lib/allowance.ts";
import { AppError } from "#lib/app-error.ts";
import type { Listener, ListenOptions } from "#lib/listener.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import { createRoom, type Leave } from "#lib/room.ts";
import { within } from "#lib/within.ts";
import { createBoard, type Figures } from "./board.ts";
import { beatEveryMs, fullSeconds, type LiveMessage, type LiveTopic } from "./schema.ts";
import { readPayload } from "./signal.ts";
import { type LiveView, viewKey } from "./view.ts";

/** One open page of one person. */
export type LiveViewer = {
  sessionId: string;
  userId: string;
  channelId: string;
  topic: LiveTopic;
  /** By which the person came. */
  role: ChannelRole;
  /** What the page shows, if it takes figures; null: it is told to look again by itself. */
  view: LiveView | null;
};

export type LiveHub = {
  /**
   * Sends to the viewer until the returned function is called, or `end` was sent.
   * @throws AppError `rate_limited` when the person has too many pages open, `unavailable` once the hub is closed.
   */
  join: (
    viewer: LiveViewer,
    /** Bytes are figures, encoded: only the newest count. */
    send: (message: LiveMessage | Uint8Array) => void,
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
  /** Which of the viewers may still look, and by which role: one question for all of them. */
  stillMay: (viewers: readonly LiveViewer[]) => Promise<ReadonlyMap<LiveViewer, ChannelRole>>;
  /** What a view of a channel shows, read in the name of one viewer who looks at it. */
  readFigures: (viewer: LiveViewer & { view: LiveView }) => Promise<Figures>;
  onFailure: (error: unknown) => void;
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
  role: ChannelRole;
  /** What it shows is sent to it. */
  isFollowing: boolean;
  send: (message: LiveMessage | Uint8Array) => void;
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
    const told = [...seats].filter((seat) => keyOf(seat.viewer) === key);
    for (const seat of told) if (!seat.isFollowing) seat.send("change");
    const following = told.find((seat) => seat.isFollowing);
    if (following !== undefined) board.renew(following.viewer.channelId);
  });
  let listener: Listener | undefined;
  let isListening = false;
  /** The last question who may still look was not answered. */
  let isBlind = false;
  const questions = createRoom(questionsMax);
  let closed = false;
  let lingering: NodeJS.Timeout | undefined;
  const timers: NodeJS.Timeout[] = [];

  const tellAll = (message: LiveMessage): void => {
    for (const seat of seats) seat.send(message);
  };
  const isHeard = (): boolean => isListening && !isBlind;
  const standing = ({ isFollowing }: Seat): LiveMessage =>
    isHeard() ? (isFollowing ? "following" : "ready") : "waiting";
  const tellStanding = (): void => {
    for (const seat of seats) seat.send(standing(seat));
    if (isHeard()) board.renew();
  };
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
        tellStanding();
      },
      onLost: () => {
        isListening = false;
        tellAll("waiting");
      },
    });
    timers.push(
      setInterval(() => {
        tellAll("beat");
        if (isHeard()) board.renewOld();
      }, beatEveryMs),
      setInterval(() => void check(), checkEveryMs),
    );
  };
  const shut = async (): Promise<void> => {
    clearTimeout(lingering);
    for (const timer of timers.splice(0)) clearInterval(timer);
    news.stop();
    board.stop();
    const last = listener;
    listener = undefined;
    isListening = false;
    await last?.stop();
  };
  const leave = (seat: Seat): void => {
    seat.giveUp();
    board.leave(seat);
    if (!seats.delete(seat) || seats.size > 0 || closed) return;
    lingering = setTimeout(() => void shut(), lingerMs);
  };
  /** Those of the asked who may look; the others are sent off. Undefined while that is not known. */
  const admit = async (
    asked: readonly Seat[],
  ): Promise<ReadonlyMap<Seat, ChannelRole> | undefined> => {
    const giveUp = await questions.enter(checkEveryMs);
    if (giveUp === null) return undefined;
    const question = options.stillMay(asked.map((seat) => seat.viewer)).finally(giveUp);
    const may = await within(checkEveryMs, question).catch(() => undefined);
    const wasHeard = isHeard();
    isBlind = may === undefined;
    const roles = may && settle(asked, may);
    if (isHeard() !== wasHeard) tellStanding();
    return roles;
  };
  const settle = (
    asked: readonly Seat[],
    may: ReadonlyMap<LiveViewer, ChannelRole>,
  ): Map<Seat, ChannelRole> => {
    const roles = new Map<Seat, ChannelRole>();
    for (const seat of asked) {
      const role = may.get(seat.viewer);
      if (role === undefined) {
        seat.send("end");
        leave(seat);
        continue;
      }
      roles.set(seat, role);
      // The rest of the page is made for a role, too.
      if (role !== seat.role) seat.send("change");
      seat.role = role;
    }
    return roles;
  };
  const check = async (): Promise<void> => {
    if (seats.size > 0) await admit([...seats]);
  };
  const board = createBoard<Seat>({
    read: ({ viewer }) => {
      const { view } = viewer;
      if (view === null) throw new Error("a page without a view follows figures");
      return options.readFigures({ ...viewer, view });
    },
    admit,
    onFailure: options.onFailure,
  });

  return {
    join: (viewer, send, hangUp) => {
      if (closed) throw new AppError("unavailable", "This console is being stopped.");
      const giveUp = allowance.take(viewer.sessionId, viewer.userId);
      if (giveUp === null) {
        throw new AppError("rate_limited", "Too many live pages are open.", {
          values: { seconds: fullSeconds },
        });
      }
      const seat: Seat = {
        ...{ viewer, role: viewer.role, isFollowing: false },
        ...{ send, hangUp, giveUp },
      };
      seats.add(seat);
      const { channelId, view } = viewer;
      seat.isFollowing = view !== null && board.follow(seat, channelId, viewKey(channelId, view));
      open();
      send(standing(seat));
      if (isHeard()) board.greet(seat);
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
