import type { Pool } from "pg";
import { keyName, keysOf } from "./sealing.ts";

/**
 * That a key opens something of what is sealed in the database. With one that opens nothing every webhook would fail for
 * want of its channel's secret, and be redelivered until it is stopped. One key name that is known is enough: single secrets may
 * be of an older key. Secrets sealed before keys had names say nothing.
 * @param lost names of keys that are said to be lost for good: what they sealed stays closed
 * @throws Error in words that name the keys and say what to do.
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
  throw new Error(
    `The channel secrets in this database open with the ENCRYPTION_KEY named ${names}, and the one given is named ${keyName(key)}: ` +
      "nothing was started. Put back secrets.json, or set ENCRYPTION_KEY (or ENCRYPTION_KEYS_OLD) to the right one. If that key is lost " +
      `for good, set ENCRYPTION_KEYS_LOST=${rows.map(({ name }) => name).join(",")}, and issue a new secret for each channel.`,
  );
}
