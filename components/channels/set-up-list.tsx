"use client";

import { Circle, CircleCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import type { SetUpLine, SetUpStep } from "#lib/channels/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { webhookAnchors } from "./webhook-anchors.ts";

type ListProps = {
  channelId: string;
  /** The channel's address. */
  email: string;
  lines: readonly SetUpLine[];
  /** Keeps the page up to date while the list stands. */
  live: ReactNode;
  dismiss: FormAction;
};

/**
 * What a new channel still needs, checked by what is so. Goes when everything is done: who saw it open sees that it is; who comes
 * later sees nothing.
 */
export function SetUpList(props: ListProps) {
  const { channelId, lines, live, dismiss } = props;
  const t = useTranslations("channels.setUp");
  const open = lines.filter(({ state }) => state !== "done");
  const [wasOpen] = useState(open.length > 0);
  if (open.length === 0 && !wasOpen) return null;
  const doneCount = lines.length - open.length;
  return (
    <Card aria-label={t("title")}>
      <CardHeader
        title={t(open.length === 0 ? "allDone" : "title")}
        text={<span role="status">{t("progress", { done: doneCount, count: lines.length })}</span>}
        action={
          <div className="flex flex-wrap items-center gap-2">
            {live}
            <ActionButton action={dismiss} fields={{ channelId }}>
              {t("dismiss")}
            </ActionButton>
          </div>
        }
      />
      <ol className="divide-y border-t">
        {lines.map((line) => (
          <Line key={line.step} line={line} isNext={line === open[0]} {...props} />
        ))}
      </ol>
    </Card>
  );
}

function Line({
  line,
  isNext,
  channelId,
  email,
}: { line: SetUpLine; isNext: boolean } & Pick<ListProps, "channelId" | "email">) {
  const t = useTranslations("channels.setUp");
  const isDone = line.state === "done";
  const Icon = isDone ? CircleCheck : Circle;
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className={cn("flex items-start gap-2.5 px-5 py-2.5", isNext && "bg-brand-soft/50")}
    >
      <Icon
        aria-hidden
        className={cn("mt-0.5 size-4 shrink-0", isDone ? "text-good" : "text-dim")}
      />
      <p className="min-w-0">
        <span className="sr-only">{t(isDone ? "done" : "open")} </span>
        <span className={isDone ? "text-dim" : "font-medium"}>{t(`${line.step}.name`)}</span>{" "}
        <span className="text-sm text-dim">{useLineText(line, email)}</span>{" "}
        {!isDone && <Way step={line.step} channelId={channelId} />}
      </p>
    </li>
  );
}

function useLineText(line: SetUpLine, email: string): string {
  const t = useTranslations("channels.setUp");
  switch (line.step) {
    case "verify":
      return t(`verify.${line.state}`);
    case "firstEvent":
      return t(`firstEvent.${line.state}`);
    case "told":
      return t(`told.${line.state}`, { email });
    default:
      return t(`${line.step}.${line.state}`);
  }
}

/** Where it is done. */
function Way({ step, channelId }: { step: SetUpStep; channelId: string }) {
  const t = useTranslations("channels.setUp");
  const root = `/console/channel/${channelId}`;
  const hrefs: Partial<Record<SetUpStep, string>> = {
    firstEvent: `${root}/statistics/deliveries`,
    told: `${root}/notifications`,
  };
  const look = "text-sm whitespace-nowrap text-brand underline underline-offset-4";
  const away = hrefs[step];
  return away === undefined ? (
    // On this page: the browser goes there itself, with or without a script.
    <a href={`#${webhookAnchors(step)}`} className={look}>
      {t(`${step}.action`)}
    </a>
  ) : (
    <Link href={away} prefetch={false} className={look}>
      {t(`${step}.action`)}
    </Link>
  );
}
