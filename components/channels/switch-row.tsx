"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "#components/ui/dialog.tsx";
import { Switch } from "#components/ui/switch.tsx";
import { cancelledCountMax } from "#lib/cancellations/schema.ts";
import type { SwitchAnswer, SwitchForm } from "#lib/channels/schema.ts";
import type { ChannelSwitch } from "#lib/channels/switches.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { webhookAnchors } from "./webhook-anchors.ts";

/** The answer to the question that leaves everything as it is. */
const keep = "no" satisfies NonNullable<SwitchForm["meant"]>;

type Note = { title: string; text: string; points: readonly string[]; action: string };

/**
 * One of the channel's switches. While its action is under way it shows what was asked for; when that is refused it
 * falls back by itself, and says why.
 */
export function SwitchRow({
  name,
  text,
  isOn,
  channelId,
  action,
  note,
}: {
  name: ChannelSwitch;
  /** What it does. */
  text: string;
  isOn: boolean;
  channelId: string;
  action: FormAction<SwitchAnswer>;
  /** To be read before switching on. */
  note?: Note;
}) {
  const t = useTranslations("channels.webhook");
  const id = useId();
  const [state, dispatch, isPending] = useActionState(action, idleForm);
  const [noteOpen, setNoteOpen] = useState(false);
  const [isKeeping, setKeeping] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const hasRead = useRef(false);
  const asks = state.status === "done" && isOn && !isPending ? state.data : undefined;
  const shown = isPending && !isKeeping ? !isOn : isOn;
  return (
    <form
      ref={form}
      id={webhookAnchors(name)}
      action={dispatch}
      className="scroll-mt-20 px-5 py-3.5 lg:scroll-mt-4"
      onSubmit={(event) => {
        // The question goes with its answer, and the focus must not go with it.
        if (asks !== undefined) toggle.current?.focus();
        setKeeping(isToBeKept(event.nativeEvent));
        if (isPending) event.preventDefault();
        else if (note !== undefined && !isOn && !hasRead.current) {
          event.preventDefault();
          setNoteOpen(true);
        }
        hasRead.current = false;
      }}
    >
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="name" value={name} />
      <input type="hidden" name="on" value={String(!isOn)} />
      <div className="flex items-start justify-between gap-4">
        <div className="min-w-0 max-w-prose">
          <p id={`${id}-label`} className="font-medium">
            {t(name)}
          </p>
          <p id={`${id}-text`} className="text-sm text-dim">
            {text}
          </p>
        </div>
        <div className="flex shrink-0 items-center gap-2.5">
          <span aria-hidden className="text-sm text-dim">
            {t(shown ? "on" : "off")}
          </span>
          <Switch
            ref={toggle}
            checked={shown}
            aria-busy={isPending}
            aria-labelledby={`${id}-label`}
            aria-describedby={`${id}-text`}
          />
        </div>
      </div>
      {asks !== undefined && <CancelsQuestion count={asks.wouldCancel} />}
      <p role={state.status === "refused" ? "alert" : "status"} className="text-sm">
        {state.status !== "idle" && !isPending && (
          <span className={state.status === "refused" ? "text-bad" : "text-dim"}>
            {state.message}
          </span>
        )}
      </p>
      {note !== undefined && (
        <NoteDialog
          note={note}
          isOpen={noteOpen}
          onOpen={setNoteOpen}
          onClosed={() => toggle.current?.focus()}
          onRead={() => {
            setNoteOpen(false);
            hasRead.current = true;
            form.current?.requestSubmit();
          }}
        />
      )}
    </form>
  );
}

const isToBeKept = (event: Event): boolean =>
  event instanceof SubmitEvent &&
  event.submitter instanceof HTMLButtonElement &&
  event.submitter.value === keep;

/** What turning it off would cancel, and the press that means it; the switch stays on until then. Needs no script. */
function CancelsQuestion({ count }: { count: number }) {
  const t = useTranslations("channels.webhook");
  return (
    <Callout
      tone="warn"
      role="alert"
      title={
        count > cancelledCountMax
          ? t("cancelsMore", { count: cancelledCountMax })
          : t("cancels", { count })
      }
      className="mt-3"
    >
      <p className="text-sm">{t("cancelsText")}</p>
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button type="submit" look="danger" size="sm" name="meant" value="true">
          {t("cancelsAction")}
        </Button>
        <Button type="submit" size="sm" name="meant" value={keep}>
          {t("cancelsKeep")}
        </Button>
      </div>
    </Callout>
  );
}

function NoteDialog({
  note,
  isOpen,
  onOpen,
  onClosed,
  onRead,
}: {
  note: Note;
  isOpen: boolean;
  onOpen: (open: boolean) => void;
  /** Nothing in the page opened it that the focus could go back to by itself. */
  onClosed: () => void;
  onRead: () => void;
}) {
  const t = useTranslations("common");
  return (
    <Dialog open={isOpen} onOpenChange={onOpen}>
      <DialogContent title={note.title} text={note.text} onClosed={onClosed}>
        <ul className="mt-3 list-disc space-y-1.5 pl-5">
          {note.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <DialogClose asChild>
            <Button>{t("cancel")}</Button>
          </DialogClose>
          <Button look="primary" onClick={onRead}>
            {note.action}
          </Button>
        </div>
      </DialogContent>
    </Dialog>
  );
}
