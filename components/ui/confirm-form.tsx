"use client";

import { type ReactNode, useActionState, useState } from "react";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { Button } from "./button.tsx";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "./dialog.tsx";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { WithoutScript } from "./without-script.tsx";

type Texts = { trigger: ReactNode; title: string; text: string; action: string; cancel: string };

type Props = {
  action: FormAction;
  fields: Readonly<Record<string, string>>;
  texts: Texts;
  /** Names the trigger where its text alone would not tell which row it belongs to. */
  label?: string | undefined;
  /** What else has to be chosen. */
  children?: ReactNode;
  onDone?: (message: string | null) => void;
};

/** A button that asks before it does. The dialog closes when it was done and says why when it was not. */
export function ConfirmForm({ action, fields, texts, label, children, onDone }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [state, dispatch] = useActionState<Awaited<ReturnType<FormAction>>, FormData>(
    async (previous, form) => {
      const next = await action(previous, form);
      if (next.status === "done") {
        setOpen(false);
        onDone?.(next.message);
      }
      return next;
    },
    idleForm,
  );
  const [plainState, plain] = useActionState(action, idleForm);
  return (
    <>
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogTrigger asChild>
          <Button look="danger" size="sm" aria-label={label} className="noscript:hidden">
            {texts.trigger}
          </Button>
        </DialogTrigger>
        <DialogContent title={texts.title} text={texts.text}>
          <form action={dispatch} className="mt-4 grid gap-4">
            {state.status === "refused" && <FormMessage state={state} />}
            <Hidden fields={fields} />
            {children}
            <div className="flex flex-wrap justify-end gap-2">
              <DialogClose asChild>
                <Button>{texts.cancel}</Button>
              </DialogClose>
              <SubmitButton look="danger">{texts.action}</SubmitButton>
            </div>
          </form>
        </DialogContent>
      </Dialog>
      <FormMessage state={plainState} />
      <WithoutScript>
        <PlainForm action={plain} fields={fields} texts={texts} label={label}>
          {children}
        </PlainForm>
      </WithoutScript>
    </>
  );
}

const Hidden = ({ fields }: { fields: Props["fields"] }) =>
  Object.entries(fields).map(([name, value]) => (
    <input key={name} type="hidden" name={name} value={value} />
  ));

/** Without a script nothing opens over the page: the question unfolds in it. */
function PlainForm({
  action,
  fields,
  texts,
  label,
  children,
}: Omit<Props, "action" | "onDone"> & { action: (form: FormData) => void }) {
  return (
    <details className="max-w-md text-left">
      <summary className="cursor-pointer font-medium text-bad" aria-label={label}>
        {texts.trigger}
      </summary>
      <form action={action} className="mt-3 grid gap-3">
        <p className="font-medium">{texts.title}</p>
        <p className="text-sm text-dim">{texts.text}</p>
        <Hidden fields={fields} />
        {children}
        <div>
          <SubmitButton look="danger">{texts.action}</SubmitButton>
        </div>
      </form>
    </details>
  );
}
