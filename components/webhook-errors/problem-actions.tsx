"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState, useRef } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
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
  const stay = () => place.current?.focus();
  return (
    <div ref={place} tabIndex={-1} className="flex flex-wrap items-start gap-2 focus:outline-none">
      {isOpen && (
        <PlainButton
          action={taken === null ? actions.take : actions.giveBack}
          fields={fields}
          label={t(taken === null ? "takeOne" : "giveBackOne", { detail })}
        >
          {t(taken === null ? "take" : "giveBack")}
        </PlainButton>
      )}
      {mayMute && isMuted && (
        <PlainButton
          action={actions.unmute}
          fields={fields}
          label={t("unmuteOne", { detail })}
          onSubmit={stay}
        >
          {t("unmute")}
        </PlainButton>
      )}
      {mayMute && isOpen && !isMuted && (
        <MuteForm
          action={actions.mute}
          fields={fields}
          label={t("muteOne", { detail })}
          onSubmit={stay}
        />
      )}
    </div>
  );
}

/** A form of one button, which works without a script: the action is the form's own. */
function PlainButton({
  action,
  fields,
  label,
  onSubmit,
  children,
}: {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  label: string;
  onSubmit?: () => void;
  children: ReactNode;
}) {
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} onSubmit={onSubmit} className="grid gap-2">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton look="quiet" size="sm" aria-label={label}>
        {children}
      </SubmitButton>
      <FormMessage state={state} />
    </form>
  );
}
