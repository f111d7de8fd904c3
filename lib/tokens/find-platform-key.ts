import type { Pool } from "pg";
import { hashToken } from "./token-hash.ts";

export type KnownPlatformKey = { id: string; name: string };

/** The platform key, or null when it is unknown or revoked. Notes its use, at most once a minute. */
export async function findPlatformKey(pool: Pool, key: string): Promise<KnownPlatformKey | null> {
  const { rows } = await pool.query<KnownPlatformKey & { stale: boolean }>({
    name: "find_platform_key",
    text: `select id, name, coalesce(last_used_at < now() - interval '1 minute', true) as stale
             from platform_keys where key_hash = $1 and revoked_at is null`,
    values: [hashToken(key)],
  });
  const [found] = rows;
  if (found === undefined) return null;
  if (found.stale)
    await pool.query("update platform_keys set last_used_at = now() where id = $1", [found.id]);
  return { id: found.id, name: found.name };
}
