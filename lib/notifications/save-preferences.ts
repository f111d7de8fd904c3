import type { Pool, PoolClient } from "pg";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { inTransaction } from "#lib/db.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { findRecipients } from "./find-recipients.ts";
import { type PreferenceForm, wishableTypes } from "./preference-form.ts";

/**
 * Saves what one address wants of a channel. Behind a lock on the channel's row: two Admins who turn off their mails at
 * once cannot both believe that the other still gets them. When nobody would be left to hear of stopped redeliveries it
 * is refused until that is `confirmed`.
 * @throws AppError conflict `last_recipient`
 */
export async function savePreferences(
  pool: Pool,
  actor: Actor,
  address: string,
  form: PreferenceForm,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { channelId, types, weekly } = form;
    await client.query("select from channels where id = $1 for no key update", [channelId]);
    const had = await hearsOfStopping(client, channelId);
    const muted = wishableTypes.filter((type) => !types.includes(type));
    const wantsNothing = types.length === 0 && !weekly;
    await client.query(
      `insert into mail_preferences (channel_id, address_key, muted_types, weekly_digest, unsubscribed_at)
       values ($1, $2, $3::text[], $4, case when $5 then now() end)
       on conflict (channel_id, address_key) do update
          set muted_types = excluded.muted_types, weekly_digest = excluded.weekly_digest,
              unsubscribed_at = excluded.unsubscribed_at`,
      [channelId, addressKey(address), muted, weekly, wantsNothing],
    );
    if (had && !form.confirmed && !(await hearsOfStopping(client, channelId))) {
      throw new AppError("conflict", "Nobody would be notified of stopped redeliveries.", {
        key: "last_recipient",
      });
    }
    await recordAudit(client, {
      actor,
      action: "mail_preferences_changed",
      channelId,
      after: { whose: form.whose, types: types.join(", "), weekly },
    });
  });
}

/** Whether anybody gets the mails about stopped redeliveries. */
async function hearsOfStopping(client: PoolClient, channelId: string): Promise<boolean> {
  const audience = (await findRecipients(client, [channelId])).get(channelId);
  const keys = (audience?.recipients ?? [])
    .filter(({ mutedTypes }) => !mutedTypes.includes("redelivery_stopped"))
    .map(({ key }) => key);
  const { rowCount } = await client.query(
    "select from suppressed_addresses where address_key = any($1)",
    [keys],
  );
  return keys.length > (rowCount ?? 0);
}
