"use client";

import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";
import type { PlatformKey } from "#lib/tokens/schema.ts";

export function PlatformKeysTable({
  keys,
  timeZone,
  revoke,
}: {
  keys: readonly PlatformKey[];
  timeZone: string;
  revoke: FormAction;
}) {
  const t = useTranslations("operations.keys");
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>{t("name")}</HeadCell>
          <HeadCell>{t("key")}</HeadCell>
          <HeadCell>{t("createdAt")}</HeadCell>
          <HeadCell>{t("lastUsedAt")}</HeadCell>
          <HeadCell>
            <span className="sr-only">{t("revoke")}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id}>
            <Cell className="font-medium">{key.name}</Cell>
            <Cell className="font-mono whitespace-nowrap text-dim">{key.hint}…</Cell>
            <MomentCell>
              <Moment at={key.createdAt} timeZone={timeZone} />
            </MomentCell>
            <MomentCell>
              {key.lastUsedAt === null ? (
                <span className="font-sans text-dim">{t("neverUsed")}</span>
              ) : (
                <Moment at={key.lastUsedAt} timeZone={timeZone} />
              )}
            </MomentCell>
            <Cell className="text-right">
              {key.revokedAt === null ? (
                <RevokeButton id={key.id} name={key.name} action={revoke} />
              ) : (
                <Badge>{t("revoked")}</Badge>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function RevokeButton({ id, name, action }: { id: string; name: string; action: FormAction }) {
  const t = useTranslations("operations.keys");
  const common = useTranslations("common");
  const texts = {
    trigger: t("revoke"),
    title: t("revokeTitle", { name }),
    text: t("revokeText"),
    action: t("revoke"),
    cancel: common("cancel"),
  };
  return (
    <ConfirmForm
      action={action}
      fields={{ id }}
      texts={texts}
      label={t("revokeWhat", { name })}
      onDone={toast}
    />
  );
}
