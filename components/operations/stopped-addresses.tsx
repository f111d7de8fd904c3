"use client";

import { useTranslations } from "next-intl";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";
import { LiftSeveral } from "./lift-several.tsx";

/** Addresses that nothing is sent to, until an operator lifts that. */
export function StoppedAddresses({
  addresses,
  timeZone,
  lift,
}: {
  addresses: readonly { address: string; stoppedAt: Date; answer: string }[];
  timeZone: string;
  lift: FormAction;
}) {
  const t = useTranslations("operations.addresses");
  const common = useTranslations("common");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={
          addresses.length > 1 && (
            <LiftSeveral addresses={addresses.map(({ address }) => address)} lift={lift} />
          )
        }
      />
      {addresses.length === 0 ? (
        <EmptyState title={t("none.title")} text={t("none.text")} />
      ) : (
        <Table>
          <thead>
            <tr>
              <HeadCell>{t("address")}</HeadCell>
              <HeadCell className="hidden lg:table-cell">{t("stoppedAt")}</HeadCell>
              <HeadCell className="hidden sm:table-cell">{t("answer")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("lift")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {addresses.map(({ address, stoppedAt, answer }) => (
              <Row key={address}>
                <Cell className="font-medium wrap-anywhere">
                  {address}
                  <span className="block text-sm font-normal text-dim sm:hidden">{answer}</span>
                </Cell>
                <MomentCell className="hidden lg:table-cell">
                  <Moment at={stoppedAt} timeZone={timeZone} />
                </MomentCell>
                <Cell className="hidden font-mono text-sm wrap-anywhere sm:table-cell">
                  {answer}
                </Cell>
                <Cell className="text-right">
                  <ConfirmForm
                    action={lift}
                    fields={{ address }}
                    label={t("liftWhat", { address })}
                    texts={{
                      trigger: t("lift"),
                      title: t("liftTitle", { address }),
                      text: t("liftText"),
                      action: t("lift"),
                      cancel: common("cancel"),
                    }}
                    onDone={toast}
                  />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
