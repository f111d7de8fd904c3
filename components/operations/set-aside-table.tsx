"use client";

import { useTranslations } from "next-intl";
import { Moment } from "#components/ui/moment.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { SetAsideWebhook } from "#lib/queue/schema.ts";
import { SetAsideDecision } from "./set-aside-decision.tsx";

type Actions = { release: FormAction; end: FormAction };

/** On a small screen time and size fold under the channel, and what can be done under the reason. */
export function SetAsideTable({
  webhooks,
  timeZone,
  actions,
}: {
  webhooks: readonly SetAsideWebhook[];
  timeZone: string;
  actions: Actions;
}) {
  const t = useTranslations("operations.setAside");
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>{t("channel")}</HeadCell>
          <HeadCell>{t("reason")}</HeadCell>
          <HeadCell className="hidden xl:table-cell">{t("size")}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t("setAsideAt")}</HeadCell>
          <HeadCell className="hidden md:table-cell">
            <span className="sr-only">{t("decide")}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {webhooks.map((webhook) => (
          <Row key={webhook.id}>
            <Cell>
              <Channel webhook={webhook} />
              <span className="block font-mono text-sm wrap-anywhere text-dim">{webhook.id}</span>
              <span className="block font-mono text-sm text-dim tabular-nums lg:hidden">
                <Moment at={webhook.setAsideAt} timeZone={timeZone} />
              </span>
            </Cell>
            <Cell className="min-w-48">
              {t("unrecorded", {
                count: webhook.unrecordedCount,
                all: webhook.attemptCount,
              })}
              <span className="block text-sm wrap-anywhere text-dim">
                {webhook.defect ?? t("noWord")}
              </span>
              <span className="block text-sm text-dim xl:hidden">
                <Size webhook={webhook} />
              </span>
              <div className="mt-2 md:hidden">
                <SetAsideDecision id={webhook.id} actions={actions} />
              </div>
            </Cell>
            <Cell className="hidden text-sm whitespace-nowrap xl:table-cell">
              <Size webhook={webhook} />
            </Cell>
            <MomentCell className="hidden lg:table-cell">
              <Moment at={webhook.setAsideAt} timeZone={timeZone} />
            </MomentCell>
            <Cell className="hidden md:table-cell">
              <SetAsideDecision id={webhook.id} actions={actions} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** No link: operators have no role in most channels. */
function Channel({ webhook }: { webhook: SetAsideWebhook }) {
  const t = useTranslations("operations.setAside");
  if (webhook.channelName === null) {
    return <span className="text-dim">{t("channelGone", { id: webhook.channelId })}</span>;
  }
  return (
    <>
      <span className="font-medium">{webhook.channelName}</span>{" "}
      <span className="font-mono text-sm text-dim">{webhook.channelId}</span>
    </>
  );
}

function Size({ webhook }: { webhook: SetAsideWebhook }) {
  const t = useTranslations("operations.setAside");
  return t("sizeOf", { bytes: webhook.bodyBytes, events: webhook.eventCount });
}
