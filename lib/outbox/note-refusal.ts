import { addressKey } from "./mail-address.ts";
import { raiseNotice } from "./notices.ts";
import type { NoticeKind } from "./schema.ts";
import type { RunStatement } from "./statement.ts";
import { stopAddress } from "./stop-address.ts";

/** So many addresses refused within so many minutes say something about a server, and nothing about an address. */
const manyAddresses = 3;
const manyWithinMinutes = 10;
/** What a doubtful answer has to be repeated for. */
const repeatedMails = 3;
const repeatedHours = 24;

export type NotedRefusal = {
  mailId: string;
  recipient: string;
  /** The server's words. */
  answer: string;
  /** Whether the answer names the address as the reason: see judgeRefusal. */
  isSure: boolean;
};

/** What came of it: `told` when operators have to be told now. */
export type RefusalVerdict = { stopped: boolean; told: NoticeKind[] };

/**
 * Notes that a server refused an address, and stops the address when that is surely about it: at once when the server said
 * so, else when it did for 3 mails and 24 hours while it took mails to others of the same domain and none to this one. When
 * 3 addresses are refused within 10 minutes none is stopped, those of these minutes are free again, and operators are
 * told. Takes place in the caller's transaction; refusals take turns, so that two at once count each other.
 */
export async function noteRefusal(
  run: RunStatement,
  { mailId, recipient, answer, isSure }: NotedRefusal,
): Promise<RefusalVerdict> {
  const key = addressKey(recipient);
  await run("select pg_advisory_xact_lock(hashtext('tocsin address refusals'))", []);
  await run("insert into address_refusals (address_key, mail_id) values ($1, $2::uuid)", [
    key,
    mailId,
  ]);
  if (await areMany(run)) {
    await freeAgain(run);
    return {
      stopped: false,
      told: (await raiseNotice(run, "many_refused", answer)) ? ["many_refused"] : [],
    };
  }
  const stopped = isSure || (await isRepeated(run, key));
  if (stopped) await stopAddress(run, key, answer);
  return { stopped, told: [] };
}

/** Index: address_refusals (refused_at). */
async function areMany(run: RunStatement): Promise<boolean> {
  const [row] = await run<{ addresses: number }>(
    `select count(distinct address_key)::int as addresses from address_refusals
      where refused_at > now() - interval '${manyWithinMinutes} minutes'`,
    [],
  );
  return (row?.addresses ?? 0) >= manyAddresses;
}

/** Lifts what was stopped within these minutes; what waited for it goes out when these minutes are over. */
async function freeAgain(run: RunStatement): Promise<void> {
  await run(
    `with freed as (
       delete from suppressed_addresses where suppressed_at > now() - interval '${manyWithinMinutes} minutes'
          and address_key in (select address_key from address_refusals
                               where refused_at > now() - interval '${manyWithinMinutes} minutes')
       returning address_key)
     update mails set state = 'queued', last_error = null, due_at = now() + interval '${manyWithinMinutes} minutes'
      where state = 'suppressed' and lower(recipient) in (select address_key from freed)
        and created_at > now() - interval '1 day'`,
    [],
  );
}

/**
 * Refusals since the address last took a mail; proof that the domain is served: a mail that another address of it took
 * meanwhile. Indexes: address_refusals (address_key, refused_at), mails (created_at).
 */
async function isRepeated(run: RunStatement, key: string): Promise<boolean> {
  const [row] = await run<{ isRepeated: boolean }>(
    `with taken as (
       select lower(recipient) as key, sent_at from mails
        where created_at > now() - interval '30 days' and state = 'sent'
          and lower(split_part(recipient, '@', 2)) = split_part($1, '@', 2)
     ), refused as (
       select count(distinct mail_id) as mails, min(refused_at) as first from address_refusals
        where address_key = $1
          and refused_at > coalesce((select max(sent_at) from taken where key = $1), '-infinity')
     )
     select mails >= ${repeatedMails} and first <= now() - interval '${repeatedHours} hours'
            and exists (select from taken where key <> $1 and sent_at >= first) as "isRepeated"
       from refused`,
    [key],
  );
  return row?.isRepeated === true;
}
