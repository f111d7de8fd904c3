"use client";

import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import type { FormAction } from "#lib/form-state.ts";

/** Two secrets that sign side by side. `seen` names this overlap to the actions, `time` is its end as people read it. */
export type SecretOverlap = { seen: string; time: string };

/** Until when both secrets sign, and the two ways to end that earlier. */
export function SecretOverlapCallout({
  channelId,
  overlap,
  actions,
  onDone,
}: {
  channelId: string;
  overlap: SecretOverlap;
  actions: { switchNow: FormAction; keepOld: FormAction };
  onDone: (message: string | null) => void;
}) {
  const t = useTranslations("channels.secret");
  const common = useTranslations("common");
  const fields = { channelId, seenOverlap: overlap.seen };
  return (
    <Callout tone="warn" title={t("overlapTitle", { time: overlap.time })}>
      <p className="max-w-prose">{t("overlapNow")}</p>
      <div className="mt-2.5 flex flex-wrap gap-2">
        <ConfirmForm
          action={actions.switchNow}
          fields={fields}
          texts={{
            trigger: t("switch"),
            title: t("switchTitle"),
            text: t("switchText"),
            action: t("switch"),
            cancel: common("cancel"),
          }}
          onDone={onDone}
        />
        <ConfirmForm
          action={actions.keepOld}
          fields={fields}
          texts={{
            trigger: t("cancelOverlap"),
            title: t("cancelTitle"),
            text: t("cancelText"),
            action: t("cancelOverlap"),
            cancel: common("close"),
          }}
          onDone={onDone}
        />
      </div>
    </Callout>
  );
}
