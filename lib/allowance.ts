import type { Leave } from "./room.ts";

export type Allowance = {
  /** Room for the person, until it is left; null when there is none. Remembers whose session it is. */
  take: (sessionId: string, userId: string) => Leave | null;
  /** Room for the session while it is asked who that is and what they may; null when there is none. */
  knock: (sessionId: string) => Leave | null;
  /** Whether there is no room for the session, as far as that is known without asking who it is. */
  isFull: (sessionId: string) => boolean;
};

/**
 * So many at once for each person and for each session. Kept in memory, so that one more who is refused costs nothing but
 * this: neither a question to the database nor a line of text. Sessions are remembered while their person is there.
 */
export function createAllowance(max: number): Allowance {
  const taken = new Map<string, number>();
  const owners = new Map<string, string>();
  const count = (key: string): number => taken.get(key) ?? 0;
  const add = (key: string): void => {
    taken.set(key, count(key) + 1);
  };
  const remove = (key: string): void => {
    if (count(key) > 1) taken.set(key, count(key) - 1);
    else taken.delete(key);
  };
  const forget = (userId: string): void => {
    if (count(user(userId)) > 0) return;
    for (const [sessionId, owner] of owners) if (owner === userId) owners.delete(sessionId);
  };
  const isFull = (sessionId: string): boolean => {
    const owner = owners.get(sessionId);
    return count(session(sessionId)) >= max || (owner !== undefined && count(user(owner)) >= max);
  };

  return {
    isFull,
    knock: (sessionId) => {
      if (isFull(sessionId)) return null;
      add(session(sessionId));
      return once(() => remove(session(sessionId)));
    },
    take: (sessionId, userId) => {
      owners.set(sessionId, userId);
      if (count(user(userId)) >= max) return null;
      add(user(userId));
      return once(() => {
        remove(user(userId));
        forget(userId);
      });
    },
  };
}

const user = (id: string): string => `user ${id}`;
const session = (id: string): string => `session ${id}`;

function once(leave: Leave): Leave {
  let left = false;
  return () => {
    if (!left) leave();
    left = true;
  };
}
