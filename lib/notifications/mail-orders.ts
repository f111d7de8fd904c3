import type { PoolClient } from "pg";
import { z } from "zod";
import type { Db } from "#lib/db.ts";
import type { Locale } from "#lib/messages/locales.ts";

const reasons = [
  "could_not_connect",
  "request_timeout",
  "error_status_code",
  "unclassified",
] as const;

const WeeklyChannel = z.object({
  channelId: z.string(),
  name: z.string(),
  isCounted: z.boolean(),
  errors: z.number(),
  errorsBefore: z.number(),
  delivered: z.number(),
  reason: z.enum(reasons).nullable(),
});

/** What a mail says that something else than a failure asked for. */
const OrderContent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("confirm_address"),
    params: z.object({ channelName: z.string() }),
  }),
  z.object({
    kind: z.literal("application"),
    params: z.object({
      channelName: z.string(),
      decision: z.enum(["approved", "rejected", "withdrawn"]),
      note: z.string(),
    }),
  }),
  z.object({
    kind: z.literal("weekly"),
    /** Dates as `2026-11-16`; the week is `from` up to, not including, `to`. */
    params: z.object({ from: z.string(), to: z.string(), channels: z.array(WeeklyChannel) }),
  }),
]);
export type OrderContent = z.infer<typeof OrderContent>;

/**
 * What the link is that a kind of mail is given: `confirm` proves that its reader has the mailbox, so that such a mail is sealed;
 * `end_weekly` ends mails of its kind; `none`: it needs none, and leads into the console.
 */
export const orderLinks = {
  confirm_address: "confirm",
  application: "none",
  weekly: "end_weekly",
} as const satisfies Readonly<Record<OrderContent["kind"], "confirm" | "end_weekly" | "none">>;
export type WeeklyChannel = z.infer<typeof WeeklyChannel>;

export type MailOrder = OrderContent & {
  channelId: string | null;
  recipient: string;
  locale: Locale;
  timeZone: string | null;
};

export type StoredOrder = OrderContent & {
  id: string;
  channelId: string | null;
  recipient: string;
  locale: string;
  timeZone: string | null;
  createdAt: Date;
};

/** Has the engine write a mail, in the transaction of what it tells of: the console renders none. */
export async function orderMail(tx: Db, { kind, params, ...order }: MailOrder): Promise<void> {
  await tx.mailOrder.create({ data: { ...order, kind, params }, select: { id: true } });
}

/** Orders that wait, locked until the caller's transaction ends, oldest first. Index: mail_orders (written_at, created_at). */
export async function claimOrders(client: PoolClient, limit: number): Promise<StoredOrder[]> {
  const { rows } = await client.query<Record<string, unknown> & StoredOrder>(
    `select id, kind, channel_id as "channelId", recipient, locale, time_zone as "timeZone", params,
            created_at as "createdAt"
       from mail_orders where written_at is null order by created_at limit $1 for update skip locked`,
    [limit],
  );
  return rows.map((row) => ({ ...row, ...OrderContent.parse(row) }));
}

/** Index: the primary key. */
export async function markWritten(client: PoolClient, ids: readonly string[]): Promise<void> {
  await client.query("update mail_orders set written_at = now() where id = any($1)", [ids]);
}
