import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { AnswerBody } from "#components/answers/answer-body.tsx";
import { AnswerHeaders } from "#components/answers/answer-headers.tsx";
import { CauseName } from "#components/causes/cause-name.tsx";
import { hasSeenFacts, SeenFacts } from "#components/causes/seen-facts.tsx";
import { PhaseTimes } from "#components/statistics/phase-times.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Link } from "#components/ui/link.tsx";
import type { SingleErrorDetail } from "#lib/webhook-errors/schema.ts";

/** Everything known of one failed attempt. What the bot server answered is text here, never markup. */
export function SingleErrorView({
  error,
  webhookHref,
  answerHref,
}: {
  error: SingleErrorDetail | null;
  /** The webhook's own page, with all its attempts. */
  webhookHref: string;
  /** Where the answer's bytes are downloaded. */
  answerHref: string;
}) {
  const t = useTranslations("webhook-errors.single");
  if (error === null) return <p className="py-2 text-dim">{t("gone")}</p>;
  return (
    <dl className="my-2 space-y-2 rounded-control border bg-surface p-3 text-sm">
      <Fact name={t("webhook")}>
        <Link
          href={webhookHref}
          prefetch={false}
          className="font-mono break-all text-brand underline decoration-line underline-offset-4 hover:decoration-current"
        >
          {error.webhookId}
        </Link>
        <CopyButton text={error.webhookId} what={t("webhookId")} />
      </Fact>
      {error.eventIds.length > 0 && <Events error={error} />}
      {error.url !== null && (
        <Fact name={t("url")}>
          <span className="font-mono break-all">{error.url}</span>
          <CopyButton text={error.url} what={t("url")} />
        </Fact>
      )}
      {error.statusCode !== null && <Fact name={t("status")}>{error.statusCode}</Fact>}
      {error.phases.length > 0 && (
        <Fact name={t("phases")}>
          <PhaseTimes passed={error.phases} />
        </Fact>
      )}
      <Cause error={error} />
      <Answer error={error} answerHref={answerHref} />
    </dl>
  );
}

function Cause({ error: { likelyCause, seen } }: { error: SingleErrorDetail }) {
  const t = useTranslations("causes.labels");
  return (
    <>
      {likelyCause !== null && (
        <Fact name={t("title")}>
          <CauseName cause={likelyCause} />
        </Fact>
      )}
      {hasSeenFacts(seen) && (
        <Fact name={t("seen")}>
          <SeenFacts seen={seen} />
        </Fact>
      )}
    </>
  );
}

function Events({ error }: { error: SingleErrorDetail }) {
  const t = useTranslations("webhook-errors.single");
  const count = error.eventCount ?? error.eventIds.length;
  return (
    <Fact name={t("events", { count })}>
      <span className="font-mono break-all">{error.eventIds.join(", ")}</span>
      {count > error.eventIds.length &&
        ` ${t("moreEvents", { count: count - error.eventIds.length })}`}
    </Fact>
  );
}

function Answer({ error, answerHref }: { error: SingleErrorDetail; answerHref: string }) {
  const t = useTranslations("webhook-errors.single");
  if (error.responseHeaders === null)
    return <Fact name={t("responseHeaders")}>{t("noAnswer")}</Fact>;
  return (
    <>
      <Fact name={t("responseHeaders")}>
        <AnswerHeaders label={t("responseHeaders")} headers={error.responseHeaders} />
      </Fact>
      <Fact name={t("responseBody")}>
        {error.responseBody === null ? (
          t("emptyBody")
        ) : (
          <AnswerBody label={t("responseBody")} body={error.responseBody} href={answerHref} />
        )}
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="text-dim">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
