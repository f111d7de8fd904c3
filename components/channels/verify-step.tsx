"use client";

import { Check, LoaderCircle, Minus, X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { Shape } from "#components/ui/shape.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { causeHref } from "#lib/causes/schema.ts";
import type { ShownStep } from "#lib/channels/schema.ts";
import type { CertificateReport } from "#lib/transport/schema.ts";
import type { VerifyStep } from "#lib/verify/schema.ts";

const row = "grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2";

/** A step that is over: what it found out, how long it took, and what to do when it failed. */
export function VerifyStepRow({
  step,
  addresses,
}: {
  step: ShownStep;
  /** What the host name led to, as far as it is known. */
  addresses: readonly string[];
}) {
  const t = useTranslations("channels.verify");
  const Icon = step.ok ? Check : X;
  return (
    <li className={row}>
      <Icon
        className={cn("mt-1 size-4", step.ok ? "text-good" : "text-bad")}
        aria-label={t(step.ok ? "ok" : "notOk")}
        role="img"
      />
      <div className="min-w-0">
        <span className="font-medium">{t(`step.${step.step}`)}</span>{" "}
        <span className="font-mono text-sm break-words text-dim">{factOf(step, addresses)}</span>
        {step.step === "http" && step.statusCode !== null && step.ms !== null && (
          <p className="text-sm text-dim">{t("firstByte", { ms: step.ms })}</p>
        )}
        {step.step === "tls" && step.certificate !== null && (
          <Certificate certificate={step.certificate} />
        )}
        {step.step === "http" && <VerifyDoubt step={step} />}
        <Cause step={step} />
      </div>
      <span className="font-mono text-sm whitespace-nowrap text-dim tabular-nums">
        {step.ms === null ? "" : t("ms", { ms: step.ms })}
      </span>
    </li>
  );
}

/** What probably lies behind a failed step and what to do: the words of the Errors page. */
function Cause({ step }: { step: ShownStep }) {
  const t = useTranslations("channels.verify");
  if (step.step === "address" && step.problem === "private_target")
    return <p>{t("usePublicAddress")}</p>;
  if (step.words === null || step.cause === null) return null;
  const { cause, action, more } = step.words;
  return (
    <div className="max-w-prose">
      <p>{cause}</p>
      <p>
        {action}{" "}
        <Link
          prefetch={false}
          href={causeHref(step.cause)}
          className="text-sm whitespace-nowrap text-brand underline decoration-line underline-offset-4 hover:decoration-current"
        >
          {more} <span aria-hidden>→</span>
        </Link>
      </p>
    </div>
  );
}

/** The answer passes, but was probably not the bot's. */
function VerifyDoubt({
  step: { doubt, statusCode },
}: {
  step: Extract<VerifyStep, { step: "http" }>;
}) {
  const t = useTranslations("channels.verify.doubt");
  if (doubt === null || statusCode === null) return null;
  return (
    <p className="flex items-baseline gap-1.5">
      <Shape kind="diamond" className="text-warn" />
      {t(doubt, { status: statusCode })}
    </p>
  );
}

/** A step of which nothing is known: under way, waiting, or never reached. */
export function UnknownStep({
  step,
  look,
}: {
  step: VerifyStep["step"];
  look: "running" | "waiting" | "not_reached";
}) {
  const t = useTranslations("channels.verify");
  const Icon = look === "running" ? LoaderCircle : Minus;
  return (
    <li className={row}>
      <Icon
        className={cn("mt-1 size-4 text-dim", look === "running" && "animate-spin")}
        aria-hidden
      />
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 text-dim">
        <span>{t(`step.${step}`)}</span>
        {look === "not_reached" ? (
          <span className="text-sm">{t("notReached")}</span>
        ) : (
          <>
            <Skeleton className="h-3.5 w-32" />
            <span className="sr-only">{t(look === "running" ? "working" : "waiting")}</span>
          </>
        )}
      </div>
      <span />
    </li>
  );
}

function Certificate({ certificate }: { certificate: CertificateReport }) {
  const t = useTranslations("channels.verify.certificate");
  const { subject, issuer, names, validTo, daysLeft, chain } = certificate;
  return (
    <dl className="my-1 grid gap-x-3 text-sm text-dim sm:grid-cols-[auto_minmax(0,1fr)]">
      <Fact name={t("subject")}>{subject}</Fact>
      <Fact name={t("issuer")}>{issuer}</Fact>
      <Fact name={t("names")}>{names.join(", ")}</Fact>
      <Fact name={t("until")}>
        {`${validTo.slice(0, 16).replace("T", " ")} UTC · `}
        <span className={cn(daysLeft < 0 && "text-bad")}>
          {daysLeft < 0 ? t("expired") : t("daysLeft", { days: daysLeft })}
        </span>
      </Fact>
      <Fact name={t("chain")}>{chain.join(" → ")}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mb-1 min-w-0 font-mono break-words text-ink sm:mb-0">{children}</dd>
    </>
  );
}

const protocolNames = { "http/1.1": "HTTP/1.1", h2: "HTTP/2" } as const;

/** What the step found out, in the protocol's own words. */
function factOf(step: VerifyStep, addresses: readonly string[]): string {
  switch (step.step) {
    case "address":
      return step.host ?? "";
    case "dns":
      return addresses.join(", ");
    case "tcp":
      return step.address === null ? `:${step.port}` : `${step.address} :${step.port}`;
    case "tls":
      return [step.version, step.protocol && protocolNames[step.protocol]]
        .filter(Boolean)
        .join(" · ");
    case "http":
      return [step.protocol && protocolNames[step.protocol], step.statusCode]
        .filter(Boolean)
        .join(" · ");
  }
}
