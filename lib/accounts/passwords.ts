import { hash, verify } from "@node-rs/argon2";
import { AppError } from "#lib/app-error.ts";
import { createFairRoom } from "#lib/fair-room.ts";

/** argon2id with 64 MiB and three passes; at least OWASP's minimum of 19 MiB and two. */
const parameters = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
/** Each hash takes 64 MiB and a core: without a cap, sign-in would be a way to stop the console. */
const concurrentMax = 2;
/** Of one who knocks one is looked at and so many wait. A person who types waits for one. */
const shares = { placesPerKey: 1, waitingPerKey: 4 };

/** Whoever waits longer is told to come back: their browser has given up, and the line must end somewhere. */
const patienceMs = 20_000;
const room = createFairRoom({ places: concurrentMax, ...shares });
let nobody = 0;

async function inTurn<T>(askedBy: string | undefined, work: () => Promise<T>): Promise<T> {
  nobody += 1;
  const leave = await room.enter(askedBy ?? `nobody ${nobody}`, patienceMs);
  if (leave === null)
    throw new AppError("unavailable", "Too many passwords are waiting to be checked.");
  try {
    return await work();
  } finally {
    leave();
  }
}

/**
 * Hashes a password as argon2id in PHC format. At most two run at once in a process; others wait.
 * @throws AppError unavailable while too many wait.
 */
export function hashPassword(password: string): Promise<string> {
  return inTurn(undefined, () => hash(password, parameters));
}

let dummy: Promise<string> | undefined;

/** Made once; begun again by the next who asks when it could not be made. */
function dummyHash(): Promise<string> {
  dummy ??= hashPassword("nobody has this password").catch((error: unknown) => {
    dummy = undefined;
    throw error;
  });
  return dummy;
}

/**
 * Whether the password fits. A missing hash (unknown person, or one without a password) costs the same time as a wrong
 * password, so an answer does not tell who has an account. `askedBy`: the address that knocks, or where that is not known the
 * account that it knocks for: each has a share of the places, so that one who sends many tries keeps out only themselves.
 * @throws AppError as hashPassword.
 */
export async function isPasswordRight(
  passwordHash: string | null,
  password: string,
  askedBy?: string,
): Promise<boolean> {
  if (passwordHash === null) {
    const stored = await dummyHash();
    await inTurn(askedBy, () => verify(stored, password));
    return false;
  }
  return inTurn(askedBy, () => verify(passwordHash, password));
}
