"use client";

import { useTranslations } from "next-intl";
import { useRef } from "react";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { FormAction } from "#lib/form-state.ts";
import type { Problem } from "#lib/problems/schema.ts";
import { MuteForm } from "./mute-form.tsx";

export type ProblemActionSet = Record<"mute" | "unmute" | "take" | "giveBack", FormAction>;

type Props = {
  problem: Pick<Problem, "reason" | "detail" | "taken" | "resolvedAt"> & { isMuted: boolean };
  channelId: string;
  actions: ProblemActionSet;
  mayMute: boolean;
};

/** What can be done about one problem. Focus stays here when one button takes the place of another. */
export function ProblemActions({ problem, channelId, actions, mayMute }: Props) {
  const t = useTranslations("problems");
  const place = useRef<HTMLDivElement>(null);
  const { reason, detail, taken, resolvedAt, isMuted } = problem;
  const fields = { channelId, reason, detail };
  const isOpen = resolvedAt === null;
  const onDone = () => place.current?.focus();
  return (
    <div ref={place} tabIndex={-1} className="flex flex-wrap items-start gap-2 focus:outline-none">
      {isOpen && (
        <ActionButton
          action={taken === null ? actions.take : actions.giveBack}
          fields={fields}
          label={t(taken === null ? "takeOne" : "giveBackOne", { detail })}
        >
          {t(taken === null ? "take" : "giveBack")}
        </ActionButton>
      )}
      {mayMute && isMuted && (
        <ActionButton
          action={actions.unmute}
          fields={fields}
          label={t("unmuteOne", { detail })}
          onDone={onDone}
        >
          {t("unmute")}
        </ActionButton>
      )}
      {mayMute && isOpen && !isMuted && (
        <MuteForm action={actions.mute} fields={fields} label={t("muteOne", { detail })} />
      )}
    </div>
  );
}
