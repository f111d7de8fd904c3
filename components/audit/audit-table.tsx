import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Link } from "#components/ui/link.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import type { AuditLine } from "#lib/audit/schema.ts";
import { auditHref } from "#lib/audit/search.ts";
import { formatDateTime } from "#lib/format.ts";
import { AuditChanges } from "./audit-changes.tsx";

/** On a small screen time, person and origin fold under what happened. */
export function AuditTable({
  lines,
  root,
  timeZone,
  showsPlace,
}: {
  lines: readonly AuditLine[];
  root: string;
  timeZone: string;
  showsPlace: boolean;
}) {
  const t = useTranslations("audit");
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell className="hidden lg:table-cell">{t("columns.when")}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t("columns.who")}</HeadCell>
          <HeadCell className="max-sm:pl-5">{t("columns.what")}</HeadCell>
          {showsPlace && <HeadCell className="hidden xl:table-cell">{t("columns.where")}</HeadCell>}
          <HeadCell className="hidden md:table-cell">{t("columns.from")}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} className="align-top">
            <MomentCell className="hidden align-top lg:table-cell">
              {formatDateTime(line.at, timeZone)}
            </MomentCell>
            <Cell className="hidden align-top sm:table-cell">
              <Who line={line} root={root} />
            </Cell>
            <Cell className="min-w-0 align-top max-md:w-full max-md:max-w-0 max-sm:pl-5">
              <What line={line} />
              <AuditChanges changes={line.changes} timeZone={timeZone} />
              <span className="mt-1 block text-sm text-dim sm:hidden">
                <Who line={line} root={root} />
              </span>
              <span className="mt-0.5 block font-mono text-sm text-dim tabular-nums lg:hidden">
                {formatDateTime(line.at, timeZone)}
              </span>
              <span className="mt-0.5 block text-sm text-dim md:hidden">
                <From line={line} />
              </span>
              {showsPlace && (
                <span className="mt-0.5 block text-sm text-dim xl:hidden">
                  <Where line={line} />
                </span>
              )}
            </Cell>
            {showsPlace && (
              <Cell className="hidden align-top text-sm xl:table-cell">
                <Where line={line} />
              </Cell>
            )}
            <Cell className="hidden max-w-56 align-top text-sm text-dim md:table-cell">
              <From line={line} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Who({ line: { actor }, root }: { line: AuditLine; root: string }) {
  const t = useTranslations("audit.actors");
  if (actor.id === null)
    return <span className="text-dim">{t(actor.kind, { name: actor.name })}</span>;
  return (
    <Link href={auditHref(root, { actor: actor.id })} className="text-brand hover:underline">
      {t(actor.kind, { name: actor.name })}
    </Link>
  );
}

function What({ line }: { line: AuditLine }) {
  const t = useTranslations("audit");
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className="font-medium">
        {line.action === null ? line.actionName : t(`actions.${line.action}`)}
      </span>
      {line.target !== null && <span className="wrap-anywhere text-dim">{line.target}</span>}
      {line.refused && <Badge tone="warn">{t("results.refused")}</Badge>}
    </span>
  );
}

function Where({ line: { place } }: { line: AuditLine }) {
  const id = place.channelId ?? place.providerId;
  if (id === null) return null;
  return <span className="font-mono">{id}</span>;
}

/** The program's own long name is there for who looks for it. */
function From({ line: { from } }: { line: AuditLine }) {
  return (
    <>
      {from.address !== null && <span className="block font-mono">{from.address}</span>}
      {from.userAgent !== null && (
        <span className="block truncate" title={from.userAgent}>
          {from.userAgent}
        </span>
      )}
    </>
  );
}
