import { hash, verify } from "@node-rs/argon2";

/** argon2id with 64 MiB and three passes; at least OWASP's minimum of 19 MiB and two. */
const parameters = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
/** Each hash takes 64 MiB and a core: without a cap, sign-in would be a way to stop the console. */
const concurrentMax = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= concurrentMax) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    // The place is handed to the next in line without being given up.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** Hashes a password as argon2id in PHC format. At most two run at once in a process; others wait. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, parameters));
}

let dummy: Promise<string> | undefined;

/**
 * Whether the password fits. A missing hash (unknown person, or one without a password) costs the same time as a wrong
 * password, so an answer does not tell who has an account.
 */
export async function isPasswordRight(
  passwordHash: string | null,
  password: string,
): Promise<boolean> {
  if (passwordHash === null) {
    dummy ??= hashPassword("nobody has this password");
    const stored = await dummy;
    await inTurn(() => verify(stored, password));
    return false;
  }
  return inTurn(() => verify(passwordHash, password));
}
