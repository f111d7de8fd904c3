import type { Pool } from "pg";
import { hashToken } from "./token-hash.ts";

/** The channel that a token speaks for. */
export type KnownChannel = { id: string; name: string };

/**
 * The channel of an access token, or null when it is unknown, replaced, revoked or its channel deleted. Notes its use, at
 * most once a minute.
 */
export async function findChannelToken(pool: Pool, token: string): Promise<KnownChannel | null> {
  const { rows } = await pool.query<KnownChannel & { tokenId: string; stale: boolean }>({
    name: "find_channel_token",
    text: `select c.id, c.name, t.id as "tokenId", coalesce(t.last_used_at < now() - interval '1 minute', true) as stale
             from channel_tokens t join channels c on c.id = t.channel_id
            where t.token_hash = $1 and (t.ends_at is null or t.ends_at > clock_timestamp())`,
    values: [hashToken(token)],
  });
  const [found] = rows;
  if (found === undefined) return null;
  if (found.stale) {
    await pool.query("update channel_tokens set last_used_at = now() where id = $1", [
      found.tokenId,
    ]);
  }
  return { id: found.id, name: found.name };
}
