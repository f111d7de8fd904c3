import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { CardBody } from "#components/ui/card.tsx";
import { Cell, HeadCell, Row, Table } from "#components/ui/table.tsx";
import { auditHref } from "#lib/audit/search.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { ListPage, UserLine } from "#lib/operations/schema.ts";
import type { ListSearch } from "#lib/operations/search.ts";
import { DisableForm } from "./disable-form.tsx";
import { ListFrame } from "./list-frame.tsx";

/** Every account of the installation. */
export function UsersList({
  search,
  page,
  timeZone,
  setDisabled,
  ownId,
  proof,
}: {
  search: ListSearch;
  page: ListPage<UserLine>;
  timeZone: string;
  setDisabled: FormAction;
  ownId: string;
  /** What is to be shown first before somebody is let in again; null once it was. */
  proof: ReactNode;
}) {
  const t = useTranslations("operations");
  const common = useTranslations("common");
  return (
    <ListFrame kind="users" search={search} page={page}>
      {proof !== null && <CardBody>{proof}</CardBody>}
      <Table>
        <thead>
          <tr>
            <HeadCell>{t("users.person")}</HeadCell>
            <HeadCell className="hidden text-right sm:table-cell">{t("users.roles")}</HeadCell>
            <HeadCell className="hidden lg:table-cell">{t("lists.createdAt")}</HeadCell>
            <HeadCell>
              <span className="sr-only">{t("lists.disable")}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {page.lines.map((user) => (
            <Row key={user.id}>
              <Cell className="min-w-0">
                <span className="flex flex-wrap items-center gap-2">
                  <Link
                    href={auditHref("/console/operations/audit", { actor: user.id })}
                    className="font-medium text-brand hover:underline"
                  >
                    {user.name}
                  </Link>
                  {user.isOperator && <Badge>{common("operator")}</Badge>}
                  {user.disabledAt !== null && <Badge tone="warn">{t("lists.disabled")}</Badge>}
                </span>
                <span className="block text-sm wrap-anywhere text-dim">{user.email}</span>
              </Cell>
              <Cell className="hidden text-right tabular-nums sm:table-cell">{user.roleCount}</Cell>
              <Cell className="hidden font-mono text-sm whitespace-nowrap tabular-nums lg:table-cell">
                {formatDateTime(user.createdAt, timeZone)}
              </Cell>
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
        </tbody>
      </Table>
    </ListFrame>
  );
}
