import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { AnswerBody } from "#components/answers/answer-body.tsx";
import { AnswerHeaders } from "#components/answers/answer-headers.tsx";
import { ByteBox } from "#components/answers/byte-box.tsx";
import { CauseText } from "#components/causes/cause-text.tsx";
import { hasSeenFacts, SeenFacts } from "#components/causes/seen-facts.tsx";
import { PhaseTimes } from "#components/statistics/phase-times.tsx";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Folding } from "#components/ui/folding.tsx";
import { Link } from "#components/ui/link.tsx";
import { PartHeading } from "#components/ui/part-heading.tsx";
import { Shape } from "#components/ui/shape.tsx";
import { attemptAnchor } from "#lib/delivery-log/filter.ts";
import type { LoggedAttempt } from "#lib/delivery-log/schema.ts";
import { formatDate, formatMillis } from "#lib/format.ts";
import { explanationKey } from "#lib/webhook-errors/explain.ts";
import { DoubtMark, DoubtText } from "./doubt-mark.tsx";

type AttemptProps = {
  attempt: LoggedAttempt;
  timeZone: string;
  /** The headers of the request, one a line. */
  request: string | null;
  requestNote: string;
  /** The error's place on the Errors page. */
  errorHref: string | null;
  /** Where the answer's bytes are downloaded. */
  answerHref: string;
  open: boolean;
  /** The address led to it. */
  isMarked: boolean;
  /** Leads to it. */
  href: string;
};

/** One attempt: how it came out in a line, and everything known of it below. */
export function WebhookAttempt(props: AttemptProps) {
  const { attempt, timeZone, open, isMarked, href, answerHref, ...details } = props;
  const t = useTranslations("deliveries.webhook");
  const number = t("attempt", { attempt: attempt.attempt });
  return (
    <Folding
      id={attemptAnchor(attempt.attempt)}
      openAtFirst={open}
      aria-current={isMarked || undefined}
      className="group scroll-mt-20 border-t lg:scroll-mt-4 aria-[current]:bg-brand-soft/50 aria-[current]:shadow-[inset_3px_0_0_var(--brand)]"
    >
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1 px-5 py-3 hover:bg-sunk/60 focus-visible:-outline-offset-2">
        <ChevronRight
          aria-hidden
          className="size-4 self-center text-dim transition-transform group-open:rotate-90"
        />
        <span className="font-medium">
          {number}
          {attempt.attempt > 1 && (
            <span className="font-normal text-dim"> · {t("redelivery")}</span>
          )}
        </span>
        <Result attempt={attempt} />
        <span className="ml-auto font-mono text-sm text-dim tabular-nums">
          {formatDate(attempt.startedAt, timeZone)} {formatMillis(attempt.startedAt, timeZone)}
        </span>
      </summary>
      <div className="grid gap-4 px-5 pb-5 lg:grid-cols-2">
        <Known attempt={attempt} {...details} />
        <div className="grid min-w-0 content-start gap-3">
          <Answer attempt={attempt} href={answerHref} />
        </div>
        <p className="flex items-center gap-1 text-sm">
          <Link href={href} prefetch={false} className="text-brand hover:underline">
            {t("link")}
          </Link>
          <CopyButton text={href} what={t("linkTo", { attempt: attempt.attempt })} />
        </p>
      </div>
    </Folding>
  );
}

function Result({ attempt }: { attempt: LoggedAttempt }) {
  const t = useTranslations("deliveries.webhook");
  if (attempt.outcome === "delivered") {
    return (
      <span className="inline-flex items-center gap-2">
        <Shape kind="circle" className="text-good" />
        {t("delivered")}
        {attempt.statusCode !== null && ` · ${attempt.statusCode}`}
        {attempt.doubt !== null && <DoubtMark doubt={attempt.doubt} />}
      </span>
    );
  }
  return (
    <span className="inline-flex items-center gap-2">
      <ReasonMark reason={attempt.reason} />
      <span className="font-mono text-sm">{attempt.reason}</span>
      <span>{attempt.detail}</span>
    </span>
  );
}

function Known({
  attempt,
  request,
  requestNote,
  errorHref,
}: Pick<AttemptProps, "attempt" | "request" | "requestNote" | "errorHref">) {
  const t = useTranslations("deliveries.webhook");
  return (
    <div className="grid min-w-0 content-start gap-3">
      {attempt.outcome === "failed" && (
        <Part name={t("cause")}>
          <Cause reason={attempt.reason} detail={attempt.detail} />
          {errorHref !== null && (
            <Link href={errorHref} prefetch={false} className="text-brand hover:underline">
              {t("inErrors")} <span aria-hidden>→</span>
            </Link>
          )}
        </Part>
      )}
      {attempt.outcome === "failed" && <LikelyCause {...attempt} />}
      {attempt.outcome === "delivered" && attempt.doubt !== null && (
        <Part name={t("doubt")}>
          <DoubtText doubt={attempt.doubt} />
        </Part>
      )}
      {attempt.phases.length > 0 && (
        <Part name={t("phases")}>
          <PhaseTimes passed={attempt.phases} />
        </Part>
      )}
      {attempt.url !== null && (
        <Part name={t("url")}>
          <span className="font-mono text-sm break-all">{attempt.url}</span>
          <CopyButton text={attempt.url} what={t("url")} />
        </Part>
      )}
      {request !== null && (
        <Part name={t("request")}>
          <ByteBox label={t("request")}>{request}</ByteBox>
          <p className="mt-1 text-sm text-dim">{requestNote}</p>
        </Part>
      )}
    </div>
  );
}

function Cause(failed: Pick<Extract<LoggedAttempt, { outcome: "failed" }>, "reason" | "detail">) {
  const t = useTranslations("explanations");
  return (
    <p className="max-w-prose">{t(`${explanationKey(failed.reason, failed.detail)}.happened`)}</p>
  );
}

function LikelyCause({
  likelyCause,
  seen,
}: Pick<Extract<LoggedAttempt, { outcome: "failed" }>, "likelyCause" | "seen">) {
  const t = useTranslations("causes.labels");
  return (
    <>
      {likelyCause !== null && (
        <Part name={t("title")}>
          <CauseText cause={likelyCause} />
        </Part>
      )}
      {hasSeenFacts(seen) && (
        <Part name={t("seen")}>
          <SeenFacts seen={seen} />
        </Part>
      )}
    </>
  );
}

function Answer({ attempt, href }: { attempt: LoggedAttempt; href: string }) {
  const t = useTranslations("deliveries.webhook");
  const isDelivered = attempt.outcome === "delivered";
  const { responseHeaders, responseBody } = attempt;
  if (responseHeaders === null) {
    return <Part name={t("answer")}>{t(isDelivered ? "answerNotKept" : "noAnswer")}</Part>;
  }
  const bodyName = t(isDelivered ? "deliveredBody" : "answerBody");
  return (
    <>
      <Part name={t("answerHeaders")}>
        <AnswerHeaders label={t("answerHeaders")} headers={responseHeaders} />
      </Part>
      <Part name={bodyName}>
        {responseBody === null ? (
          t("emptyBody")
        ) : (
          <AnswerBody label={bodyName} body={responseBody} href={href} />
        )}
      </Part>
    </>
  );
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <PartHeading>{name}</PartHeading>
      {children}
    </div>
  );
}
