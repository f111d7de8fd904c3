import type { Pool } from "pg";
import { addressKey } from "./mail-address.ts";

/**
 * Stops an address that a mail server refused for good: what waits for it is not sent, and neither is what is written from
 * now on, until an operator lifts it. Sending on to addresses that do not exist harms the name of the sender.
 */
export async function suppressAddress(
  pool: Pool,
  recipient: string,
  answer: string,
): Promise<void> {
  await pool.query(
    `with stopped as (
       insert into suppressed_addresses (address_key, answer) values ($1, $2)
       on conflict (address_key) do update set suppressed_at = now(), answer = excluded.answer
     )
     update mails set state = 'suppressed', last_error = 'The address was refused before: ' || $2
      where state = 'queued' and lower(recipient) = $1`,
    [addressKey(recipient), answer],
  );
}
