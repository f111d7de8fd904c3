import type { RunStatement } from "./statement.ts";

/**
 * Stops an address: what waits for it is not sent, and neither is what is written from now on, until an operator lifts
 * it. Sending on to addresses that do not exist harms the name of the sender. `key` is an addressKey. Index: mails
 * (state, due_at).
 */
export async function stopAddress(run: RunStatement, key: string, answer: string): Promise<void> {
  await run(
    `with stopped as (
       insert into suppressed_addresses (address_key, answer) values ($1, $2)
       on conflict (address_key) do update set answer = excluded.answer
     )
     update mails set state = 'suppressed', last_error = 'The address is stopped: ' || $2
      where state = 'queued' and lower(recipient) = $1`,
    [key, answer],
  );
}
