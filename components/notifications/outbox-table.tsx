import { useTranslations } from "next-intl";
import { Link } from "#components/ui/link.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import type { MailEntry } from "#lib/notifications/schema.ts";
import { MailStateBadge } from "./mail-state-badge.tsx";
import { mailTypeKey } from "./mail-type-key.ts";

/** On a small screen time, recipient and state fold under the subject. */
export function OutboxTable({
  mails,
  timeZone,
}: {
  mails: readonly MailEntry[];
  timeZone: string;
}) {
  const t = useTranslations("notifications.outbox");
  const names = useTranslations("mails");
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell className="hidden lg:table-cell">{t("written")}</HeadCell>
          <HeadCell>{t("subject")}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t("recipient")}</HeadCell>
          <HeadCell className="hidden 2xl:table-cell">{t("type")}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t("state")}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {mails.map((mail) => (
          <Row key={mail.id}>
            <MomentCell className="hidden lg:table-cell">
              <Moment at={mail.createdAt} timeZone={timeZone} />
            </MomentCell>
            <Cell className="min-w-0">
              <Link
                href={`/console/operations/outbox/${mail.id}`}
                className="font-medium text-brand hover:underline"
              >
                {mail.subject}
              </Link>
              <span className="mt-0.5 block font-mono text-sm text-dim tabular-nums lg:hidden">
                <Moment at={mail.createdAt} timeZone={timeZone} />
              </span>
              <span className="block text-sm wrap-anywhere text-dim sm:hidden">
                {mail.recipient}
              </span>
              <span className="mt-1.5 block sm:hidden">
                <MailStateBadge state={mail.state} />
              </span>
            </Cell>
            <Cell className="hidden wrap-anywhere sm:table-cell xl:whitespace-nowrap">
              {mail.recipient}
            </Cell>
            <Cell className="hidden whitespace-nowrap 2xl:table-cell">
              {names(mailTypeKey(mail))}
            </Cell>
            <Cell className="hidden sm:table-cell">
              <MailStateBadge state={mail.state} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
