"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { toast } from "#components/ui/toast.ts";
import type { FormAction } from "#lib/form-state.ts";
import { type RecipientEntry, wishableTypes } from "#lib/notifications/preference-form.ts";
import { PreferenceFields } from "./preference-fields.tsx";
import { ChannelQuiet, OwnQuiet, type RecipientQuiet } from "./recipient-quiet.tsx";

export type RecipientActions = {
  save: FormAction;
  askAgain: FormAction;
  sendTest: FormAction;
  setQuietHours: FormAction;
};

/** Who gets the mails of a channel and what each address gets; the reader changes their own and the channel's. */
export function RecipientsCard({
  channelId,
  recipients,
  mayTest,
  quiet,
  actions,
}: {
  channelId: string;
  recipients: readonly RecipientEntry[];
  /** Test mails go only where the channel has the function. */
  mayTest: boolean;
  quiet: RecipientQuiet;
  actions: RecipientActions;
}) {
  const t = useTranslations("notifications.recipients");
  const hearsOfStopping = recipients.some(
    (one) =>
      one.isVerified &&
      one.stoppedBecause === null &&
      !one.isUnsubscribed &&
      !one.mutedTypes.includes("redelivery_stopped"),
  );
  return (
    <Card id="recipients">
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={
          mayTest && (
            <ActionButton action={actions.sendTest} fields={{ channelId }} onDone={toast}>
              {t("test")}
            </ActionButton>
          )
        }
      />
      {!hearsOfStopping && (
        <Callout tone="warn" className="mx-5 mb-3">
          {t("nobody")}
        </Callout>
      )}
      <ul className="divide-y border-t">
        {recipients.map((recipient) => (
          <li key={`${recipient.whose} ${recipient.address}`} className="grid gap-3 px-5 py-4">
            <Head recipient={recipient} channelId={channelId} askAgain={actions.askAgain} />
            {recipient.whose === "other" ? (
              <Wanted recipient={recipient} />
            ) : (
              <PreferenceFields channelId={channelId} recipient={recipient} action={actions.save} />
            )}
            {recipient.whose === "channel" && (
              <ChannelQuiet channelId={channelId} quiet={quiet} action={actions.setQuietHours} />
            )}
            {recipient.whose === "own" && <OwnQuiet quiet={quiet} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Head({
  recipient,
  channelId,
  askAgain,
}: {
  recipient: RecipientEntry;
  channelId: string;
  askAgain: FormAction;
}) {
  const t = useTranslations("notifications.recipients");
  const { address, whose, name, isVerified, stoppedBecause } = recipient;
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <span className="font-medium wrap-anywhere">{address}</span>
        <span className="text-sm text-dim">{whose === "other" ? name : t(whose)}</span>
        <Badge tone={isVerified ? "good" : "warn"}>
          {t(isVerified ? "verified" : "unverified")}
        </Badge>
        {stoppedBecause !== null && <Badge tone="bad">{t("stopped")}</Badge>}
        {recipient.isUnsubscribed && <Badge>{t("off")}</Badge>}
      </div>
      {!isVerified && (
        <div className="flex flex-wrap items-center gap-3 text-sm text-dim">
          <p>{t(whose === "channel" ? "unverifiedChannel" : "unverifiedOther")}</p>
          {whose === "channel" && (
            <ActionButton action={askAgain} fields={{ channelId }} onDone={toast}>
              {t("askAgain")}
            </ActionButton>
          )}
        </div>
      )}
      {stoppedBecause !== null && (
        <p className="text-sm wrap-anywhere text-dim">
          {t("stoppedText", { answer: stoppedBecause })}
        </p>
      )}
    </div>
  );
}

function Wanted({ recipient }: { recipient: RecipientEntry }) {
  const t = useTranslations("notifications.recipients");
  const typeNames = useTranslations("mails.types");
  if (recipient.isUnsubscribed) return null;
  const types = wishableTypes.filter((type) => !recipient.mutedTypes.includes(type));
  const names = [
    ...types.map((type) => typeNames(type)),
    ...(recipient.weekly ? [t("weekly")] : []),
  ];
  return (
    <p className="text-sm text-dim">
      {t("wants")}: {names.join(" · ")}
    </p>
  );
}
