import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { keyName, keysOf } from "./sealing.ts";

/** No key that is given opens what is sealed in the database. Its message names the keys and says what to do. */
export class WrongKeyError extends Error {
  override name = "WrongKeyError";
}

/**
 * That a key opens something of what is sealed in the database. With one that opens nothing every webhook would fail for
 * want of its channel's secret, and be redelivered until it is stopped. One key name that is known is enough: single secrets may
 * be of an older key. Secrets sealed before keys had names say nothing.
 * @param lost names of keys that are said to be lost for good: what they sealed stays closed
 * @throws WrongKeyError
 */
export async function requireSealingKey(
  pool: Pool,
  key: Buffer,
  lost: readonly string[],
): Promise<void> {
  const { rows } = await pool.query<{ version: string; name: string; secrets: number }>(
    `select split_part(sealed_secret, '.', 1) as version, split_part(sealed_secret, '.', 2) as name, count(*)::int as secrets
       from channels group by 1, 2 order by 3 desc`,
  );
  const known = [...keysOf(key).map(keyName), ...lost];
  const isFine = ({ version, name }: { version: string; name: string }): boolean =>
    version !== "v2" || known.includes(name);
  if (rows.length === 0 || rows.some(isFine)) return;
  const names = rows.map(({ name }) => name).join(" or ");
  throw new WrongKeyError(
    `The channel secrets in this database open with the ENCRYPTION_KEY named ${names}, and the one given is named ${keyName(key)}: ` +
      "nothing was started. Put back secrets.json, or set ENCRYPTION_KEY (or ENCRYPTION_KEYS_OLD) to the right one. If that key is lost " +
      `for good, set ENCRYPTION_KEYS_LOST=${rows.map(({ name }) => name).join(",")}, and issue a new secret for each channel.`,
  );
}

const pauseMs = 1_000;

/**
 * The same for a process that starts whether or not its database is there: asks once, and where that brought no answer goes on
 * asking. `checked` resolves when the key was found right; until then nothing may be opened or sealed.
 * @throws WrongKeyError, and so does `checked`.
 */
export async function watchSealingKey(
  pool: Pool,
  key: Buffer,
  lost: readonly string[],
): Promise<{ checked: Promise<void> }> {
  const ask = async (): Promise<boolean> => {
    try {
      await requireSealingKey(pool, key, lost);
      return true;
    } catch (error) {
      if (error instanceof WrongKeyError) throw error;
      return false;
    }
  };
  const goOn = async (): Promise<void> => {
    do await pause(pauseMs, undefined, { ref: false });
    while (!(await ask()));
  };
  return { checked: (await ask()) ? Promise.resolve() : goOn() };
}
