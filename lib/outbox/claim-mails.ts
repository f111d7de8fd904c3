import type { Pool } from "pg";

export type ClaimedMail = {
  id: string;
  recipient: string;
  subject: string;
  html: string;
  text: string;
  messageId: string;
  /** The first notification of the outage; mails of one outage form one thread. Null: a mail of no outage. */
  threadId: string | null;
  /** Where a mail program ends such mails; null: it cannot. */
  unsubscribeUrl: string | null;
  /** This try included. Names the claim: only its holder may record what came of it. */
  attempts: number;
  /** Since the mail was written, or an operator had it sent again. */
  ageMs: number;
  /** It was once unknown whether the server had taken it. */
  uncertain: boolean;
  /** Instead of html and text: see openContent. */
  sealedContent: string | null;
};

/**
 * Claims up to `limit` due mails for `leaseMs`, oldest first, by the database's clock and the index on (state, due_at).
 * What another worker claims at the moment is skipped. A mail whose lease ended unrecorded may have reached the mail
 * server: it is claimed once more and marked as uncertain; when that was so before, it is not sent again but failed.
 */
export async function claimMails(
  pool: Pool,
  limit: number,
  leaseMs: number,
): Promise<ClaimedMail[]> {
  const { rows } = await pool.query<ClaimedMail & { givenUp: boolean }>({
    name: "claim-mails",
    text: `with due as (
       select id, state = 'sending' as abandoned, state = 'sending' and uncertain_at is not null as given_up
         from mails
        where state in ('queued', 'sending') and due_at <= now()
        order by due_at limit $1 for update skip locked
     ), claimed as (
       update mails m
          set state = case when due.given_up then 'failed'::mail_state else 'sending'::mail_state end,
              attempts = case when due.given_up then m.attempts else m.attempts + 1 end,
              due_at = now() + $2 * interval '1 millisecond',
              uncertain_at = case when due.abandoned then coalesce(m.uncertain_at, now()) else m.uncertain_at end,
              last_error = case when due.abandoned then '${abandonedError}' else m.last_error end,
              trouble = case when due.abandoned then 'uncertain' else m.trouble end
         from due where m.id = due.id
       returning m.*, due.given_up
     )
     select c.id, c.recipient, c.subject, c.html, c.text, c.message_id as "messageId",
            c.unsubscribe_url as "unsubscribeUrl", n.thread_id as "threadId",
            c.attempts, (extract(epoch from now() - c.queued_at) * 1000)::float8 as "ageMs",
            c.uncertain_at is not null as uncertain, c.sealed_content as "sealedContent", c.given_up as "givenUp"
       from claimed c left join notifications n on n.id = c.notification_id
      order by c.created_at, c.id`,
    values: [limit, leaseMs],
  });
  return rows.filter((row) => !row.givenUp).map(({ givenUp: _, ...mail }) => mail);
}

const abandonedError =
  "The worker stopped while sending: the mail may have reached the mail server.";
