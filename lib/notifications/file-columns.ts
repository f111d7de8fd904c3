import { textColumn, timeColumns, valueColumn } from "#lib/exports/columns.ts";
import type { FileColumn } from "#lib/exports/copy-lines.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { isHeldSql } from "./hold.ts";

/** The columns of the file of a channel's notifications, as the page shows them; the times in the zone, in JSON Lines in UTC. */
export const notificationColumns = (timeZone: string): readonly FileColumn[] => [
  ...timeColumns({ head: "Detected", name: "detectedAt" }, Prisma.sql`detected_at`, timeZone),
  valueColumn("Type", "type", Prisma.sql`type`),
  valueColumn("Reason", "reason", Prisma.sql`reason`),
  textColumn("Detail", "detail", Prisma.sql`detail`),
  valueColumn("Status code", "statusCode", statusCode),
  valueColumn("Errors", "errors", Prisma.sql`error_count`),
  valueColumn("Nobody told because", "untold", Prisma.sql`untold`),
  {
    ...textColumn("Recipients", "recipients", Prisma.sql`(${recipients})::text`),
    value: recipients,
  },
  { ...textColumn("Alerts", "alerts", Prisma.sql`(${alerts})::text`), value: alerts },
];

const statusCode = Prisma.sql`case when key ~ '^\\d{3}$' then key::int end`;

/** As `listHistory` tells them. */
const recipients = Prisma.sql`(
  select coalesce(jsonb_agg(jsonb_build_object('address', n.address,
           'state', coalesce(m.state::text, case when n.told_at is not null then 'dropped' when ${Prisma.raw(isHeldSql("n"))} then 'held' else 'waiting' end)) order by n.address), '[]')
    from notices n left join mails m on m.id = n.mail_id where n.notification_id = notifications.id)`;

const alerts = Prisma.sql`(
  select coalesce(jsonb_agg(jsonb_build_object('target', t.name, 'state', a.state) order by t.name), '[]')
    from alerts a join alert_targets t on t.id = a.target_id where a.notification_id = notifications.id)`;
