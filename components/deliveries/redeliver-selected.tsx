"use client";

import { useTranslations } from "next-intl";
import { type Ref, useActionState, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent } from "#components/ui/dialog.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";

type SelectedProps = {
  channelId: string;
  chosen: readonly string[];
  /** How many of them were delivered: the bot would get their events a second time. */
  deliveredCount: number;
  action: FormAction;
  onClear: () => void;
  /** The button, for the keyboard to get to from the list. */
  button: Ref<HTMLButtonElement>;
};

/** Stays in sight while something is selected in the list: redelivers that, and says what became of it. */
export function RedeliverSelected(props: SelectedProps) {
  const { channelId, chosen, deliveredCount, action, onClear, button } = props;
  const t = useTranslations("deliveries.redeliver");
  const [asks, setAsks] = useState(false);
  const [isOver, setOver] = useState(true);
  const [state, dispatch] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await action(previous, form);
      setAsks(false);
      setOver(false);
      if (next.status === "done") onClear();
      return next;
    },
    idleForm,
  );
  const count = chosen.length;
  const fields = (
    <>
      <input type="hidden" name="channelId" value={channelId} />
      {chosen.map((id) => (
        <input key={id} type="hidden" name="webhookId" value={id} />
      ))}
    </>
  );
  if (count === 0 && isOver) return null;
  return (
    <section
      aria-label={t("selection")}
      className="sticky bottom-3 z-20 mx-auto mt-3 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-card border border-brand bg-surface px-4 py-2.5 shadow-lg"
    >
      {count > 0 && (
        <>
          <span role="status" className="font-medium tabular-nums">
            {t("selectedCount", { count })}
          </span>
          <form
            action={dispatch}
            onSubmit={(event) => {
              if (deliveredCount === 0) return;
              event.preventDefault();
              setAsks(true);
            }}
          >
            {fields}
            <SubmitButton size="sm" ref={button}>
              {t("one")}
            </SubmitButton>
          </form>
        </>
      )}
      {(state.status === "refused" || count === 0) && <FormMessage state={state} />}
      <Button
        look="ghost"
        size="sm"
        onClick={() => {
          setOver(true);
          onClear();
        }}
      >
        {t(count > 0 ? "clearSelection" : "close")}
      </Button>
      <Dialog open={asks} onOpenChange={setAsks}>
        <DialogContent
          title={t("askTitle", { count })}
          text={t("askDelivered", { count: deliveredCount })}
        >
          <form action={dispatch} className="mt-4 flex flex-wrap justify-end gap-2">
            {fields}
            <DialogClose asChild>
              <Button>{t("keep")}</Button>
            </DialogClose>
            <SubmitButton>{t("one")}</SubmitButton>
          </form>
        </DialogContent>
      </Dialog>
    </section>
  );
}
