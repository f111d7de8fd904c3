import type { ChannelRole } from "#lib/members/schema.ts";
import { encodeFigures } from "./encode.ts";
import type { LiveMessage } from "./schema.ts";

/** One open page that is sent what it shows. `role`: by which the person looks, as last known. */
export type Looker = { role: ChannelRole; send: (message: LiveMessage | Uint8Array) => void };

/** What a view shows to people of a role, as wire.ts writes it. */
export type Figures = (role: ChannelRole) => string;

export type Board<L extends Looker> = {
  /** Takes the page in, once; false when as many different views are followed as may be. */
  follow: (looker: L, channelId: string, key: string) => boolean;
  leave: (looker: L) => void;
  /** Sends the page how its view stands: what was read a moment ago, or else what is read for it now. */
  greet: (looker: L) => void;
  /** Reads the views of a channel anew, or all, and sends them to whoever looks. */
  renew: (channelId?: string) => void;
  /** The same for those that have not been read for a minute: deliveries, and the clock, move what nothing fails in. */
  renewOld: () => void;
  stop: () => void;
};

export type BoardOptions<L> = {
  /** Reads a view in the name of one of those who look at it. */
  read: (payer: L) => Promise<Figures>;
  /** Those who may look right now, by which role; undefined while that is not known. Others are sent off. */
  admit: (lookers: readonly L[]) => Promise<ReadonlyMap<L, ChannelRole> | undefined>;
  onFailure: (error: unknown) => void;
  viewsMax?: number;
  /** What could not be read is tried again after so long; 5 s unless told. */
  againMs?: number;
};

/** Different views of one process. Pages beyond them are told to look again by themselves. */
const viewsMaxDefault = 100;
/** Figures so young are given to whoever comes: a change makes new ones in any case. */
const youngMs = 10_000;
const oldMs = 60_000;
const againMsDefault = 5_000;

type Sheet<L> = {
  channelId: string;
  lookers: Set<L>;
  last: { bytesFor: (role: ChannelRole) => Uint8Array; begunMs: number } | null;
  /** It is being read, or rests. */
  isBusy: boolean;
  isResting: boolean;
  isWanted: boolean;
  failures: number;
  timer: NodeJS.Timeout | undefined;
};

/**
 * What is shown is read once for all who look at the same, and one text of it is sent to all of them. A view is read by one
 * reading at a time, so nobody gets older figures after newer ones; after it the view rests for as long as that took.
 */
export function createBoard<L extends Looker>(options: BoardOptions<L>): Board<L> {
  const { read, admit, onFailure } = options;
  const { viewsMax = viewsMaxDefault, againMs = againMsDefault } = options;
  const sheets = new Map<string, Sheet<L>>();
  const keys = new Map<L, string>();
  const sheetOf = (looker: L): Sheet<L> | undefined => sheets.get(keys.get(looker) ?? "");

  const countAudience = (channelId: string): number =>
    [...sheets.values()]
      .filter((sheet) => sheet.channelId === channelId)
      .reduce((sum, { lookers }) => sum + lookers.size, 0);

  const show = async (sheet: Sheet<L>): Promise<void> => {
    const begunMs = performance.now();
    const payer = [...sheet.lookers][sheet.failures % sheet.lookers.size];
    if (payer === undefined) return;
    const figures = await read(payer);
    const asked = new Set(sheet.lookers);
    const roles = await admit([...asked]);
    if (roles === undefined) throw new Error("who may look is not known");
    const audience = countAudience(sheet.channelId);
    const bytes = new Map<ChannelRole, Uint8Array>();
    const bytesFor = (role: ChannelRole): Uint8Array => {
      const made = bytes.get(role) ?? encodeFigures(figures(role), audience);
      bytes.set(role, made);
      return made;
    };
    sheet.last = { bytesFor, begunMs };
    for (const looker of sheet.lookers) {
      // Whoever came during the question was asked about when they came.
      const role = asked.has(looker) ? roles.get(looker) : looker.role;
      if (role !== undefined) looker.send(bytesFor(role));
    }
  };

  const renewSheet = (sheet: Sheet<L>): void => {
    sheet.isWanted = sheet.isBusy;
    if (sheet.isBusy || sheet.lookers.size === 0) return;
    sheet.isBusy = true;
    const begunMs = performance.now();
    const rest = (ms: number): void => {
      sheet.isResting = true;
      sheet.timer = setTimeout(() => {
        sheet.isBusy = false;
        sheet.isResting = false;
        if (sheet.isWanted) renewSheet(sheet);
      }, ms);
    };
    show(sheet).then(
      () => {
        sheet.failures = 0;
        rest(performance.now() - begunMs);
      },
      (error: unknown) => {
        onFailure(error);
        sheet.failures += 1;
        sheet.isWanted = true;
        for (const looker of sheet.lookers) looker.send("waiting");
        rest(Math.max(againMs, performance.now() - begunMs));
      },
    );
  };

  return {
    follow: (looker, channelId, key) => {
      const known = sheets.get(key);
      if (keys.has(looker) || (known === undefined && sheets.size >= viewsMax)) return false;
      const sheet = known ?? newSheet(channelId);
      sheets.set(key, sheet);
      keys.set(looker, key);
      sheet.lookers.add(looker);
      return true;
    },
    leave: (looker) => {
      const sheet = sheetOf(looker);
      const key = keys.get(looker);
      keys.delete(looker);
      sheet?.lookers.delete(looker);
      if (sheet === undefined || key === undefined || sheet.lookers.size > 0) return;
      clearTimeout(sheet.timer);
      sheets.delete(key);
    },
    greet: (looker) => {
      const sheet = sheetOf(looker);
      if (sheet === undefined) return;
      const { last } = sheet;
      if (last !== null && performance.now() - last.begunMs < youngMs) {
        looker.send(last.bytesFor(looker.role));
      } else if (!sheet.isBusy || sheet.isResting) renewSheet(sheet);
      // A reading that is under way is sent to whoever is there at its end.
    },
    renew: (channelId) => {
      for (const sheet of sheets.values()) {
        if (channelId === undefined || sheet.channelId === channelId) renewSheet(sheet);
      }
    },
    renewOld: () => {
      for (const sheet of sheets.values()) {
        const isOld = performance.now() - (sheet.last?.begunMs ?? 0) > oldMs;
        if (isOld && !sheet.isBusy) renewSheet(sheet);
      }
    },
    stop: () => {
      for (const sheet of sheets.values()) clearTimeout(sheet.timer);
      sheets.clear();
      keys.clear();
    },
  };
}

const newSheet = <L>(channelId: string): Sheet<L> => ({
  ...{ channelId, lookers: new Set<L>(), last: null, timer: undefined },
  ...{ isBusy: false, isResting: false, isWanted: false, failures: 0 },
});
