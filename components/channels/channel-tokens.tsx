"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { SelectField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { toast } from "#components/ui/toast.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { type ChannelToken, keepHoursChoices } from "#lib/tokens/schema.ts";

/** The long-lived channel access token: a new one is shown this once, those in force by their first characters. */
export function ChannelTokens({
  channelId,
  proof,
  tokens,
  timeZone,
  actions,
}: {
  channelId: string;
  /** Stands in for "Issue" while it is to be shown first who is there. */
  proof: ReactNode;
  tokens: readonly ChannelToken[];
  timeZone: string;
  actions: { issue: FormAction<string>; revoke: FormAction };
}) {
  const t = useTranslations("channels.tokens");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={tokens.length > 0 && <RevokeButton channelId={channelId} action={actions.revoke} />}
      />
      <CardBody className="grid gap-4">
        {tokens.length === 0 ? (
          <p className="text-sm text-dim">{t("none")}</p>
        ) : (
          <ul className="divide-y rounded-control border">
            {tokens.map((token) => (
              <TokenLine key={token.id} token={token} timeZone={timeZone} />
            ))}
          </ul>
        )}
        <IssueForm channelId={channelId} proof={proof} action={actions.issue} tokens={tokens} />
      </CardBody>
    </Card>
  );
}

function TokenLine({ token, timeZone }: { token: ChannelToken; timeZone: string }) {
  const t = useTranslations("channels.tokens");
  const at = (date: Date) => <Moment at={date} timeZone={timeZone} />;
  const { hint, createdAt, endsAt, lastUsedAt } = token;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2.5 text-sm">
      <code className="font-mono text-dim">{hint}…</code>
      {endsAt === null ? (
        <Badge tone="good">{t("current")}</Badge>
      ) : (
        <Badge tone="warn">{t("ends", { time: formatDateTime(endsAt, timeZone) })}</Badge>
      )}
      <span className="text-dim">
        {t("issuedAt")} {at(createdAt)}
      </span>
      <span className="text-dim">
        {t("lastUsedAt")} {lastUsedAt === null ? t("neverUsed") : at(lastUsedAt)}
      </span>
    </li>
  );
}

function IssueForm({
  channelId,
  proof,
  action,
  tokens,
}: {
  channelId: string;
  proof: ReactNode;
  action: FormAction<string>;
  tokens: readonly ChannelToken[];
}) {
  const t = useTranslations("channels.tokens");
  const [state, dispatch] = useActionState(action, idleForm);
  const issued = state.status === "done" ? state.data : undefined;
  // One that was revoked meanwhile is nothing to copy any more.
  const token = tokens.some(({ hint }) => issued?.startsWith(hint)) ? issued : undefined;
  const isFirst = tokens.length === 0;
  return (
    <div className="grid gap-4">
      <FormMessage state={state} />
      {token !== undefined && (
        <Callout tone="good" role="status" title={t("issuedTitle")}>
          <p className="text-sm text-dim">{t("issuedText")}</p>
          <p className="mt-2 flex flex-wrap items-center gap-2">
            <code className="font-mono break-all">{token}</code>
            <CopyButton text={token} what={t("token")} />
          </p>
        </Callout>
      )}
      {proof ?? (
        <form action={dispatch} className="grid gap-4">
          <input type="hidden" name="channelId" value={channelId} />
          {!isFirst && (
            <SelectField
              className="max-w-xs"
              label={t("keep")}
              hint={t("keepHint")}
              name="keepHours"
              defaultValue={typedValue(state, "keepHours", String(keepHoursChoices[0]))}
              error={fieldError(state, "keepHours")}
            >
              {keepHoursChoices.map((hours) => (
                <option key={hours} value={hours}>
                  {t("keepHours", { hours })}
                </option>
              ))}
            </SelectField>
          )}
          <div>
            <SubmitButton look="quiet">{t(isFirst ? "issue" : "reissue")}</SubmitButton>
          </div>
        </form>
      )}
    </div>
  );
}

function RevokeButton({ channelId, action }: { channelId: string; action: FormAction }) {
  const t = useTranslations("channels.tokens");
  const common = useTranslations("common");
  return (
    <ConfirmForm
      action={action}
      fields={{ channelId }}
      texts={{
        trigger: t("revoke"),
        title: t("revokeTitle"),
        text: t("revokeText"),
        action: t("revoke"),
        cancel: common("cancel"),
      }}
      onDone={toast}
    />
  );
}
