import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { CardBody } from "#components/ui/card.tsx";
import { Counted } from "#components/ui/counted.tsx";
import { Link } from "#components/ui/link.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, MomentCell, Row } from "#components/ui/table.tsx";
import { auditHref } from "#lib/audit/search.ts";
import type { UserLine } from "#lib/operations/schema.ts";
import { DisableForm } from "./disable-form.tsx";
import { LineName, ListFrame, type ListProps } from "./list-frame.tsx";

/** Every account of the installation. */
export function UsersList({
  search,
  page,
  timeZone,
  setDisabled,
  ownId,
  proof,
}: ListProps<UserLine> & {
  ownId: string;
  /** What is to be shown first before somebody is let in again; null once it was. */
  proof: ReactNode;
}) {
  const t = useTranslations("operations");
  const common = useTranslations("common");
  return (
    <ListFrame
      kind="users"
      search={search}
      page={page}
      heads={[
        { text: t("users.person") },
        { text: t("users.roles"), className: "hidden text-right sm:table-cell" },
        { text: t("lists.createdAt"), className: "hidden lg:table-cell" },
      ]}
      above={proof !== null && <CardBody>{proof}</CardBody>}
    >
      {page.lines.map((user) => (
        <Row key={user.id}>
          <Cell className="min-w-0">
            <LineName isDisabled={user.disabledAt !== null}>
              <Link
                href={auditHref("/console/operations/audit", { actor: user.id })}
                className="font-medium text-brand hover:underline"
              >
                {user.name}
              </Link>
              {user.isOperator && <Badge>{common("operator")}</Badge>}
            </LineName>
            <span className="block text-sm wrap-anywhere text-dim">{user.email}</span>
          </Cell>
          <Cell className="hidden text-right tabular-nums sm:table-cell">
            <Counted count={user.roleCount} />
          </Cell>
          <MomentCell className="hidden lg:table-cell">
            <Moment at={user.createdAt} timeZone={timeZone} />
          </MomentCell>
          <Cell className="text-right">
            {user.id !== ownId && (proof === null || user.disabledAt === null) && (
              <DisableForm
                kind="users"
                name={user.name}
                field={{ name: "userId", value: user.id }}
                isDisabled={user.disabledAt !== null}
                action={setDisabled}
              />
            )}
          </Cell>
        </Row>
      ))}
    </ListFrame>
  );
}
