"use client";

import { Check, LoaderCircle, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { Notice } from "#components/ui/notice.tsx";
import type { CheckedUrl } from "#lib/channels/schema.ts";
import type { VerifyStep } from "#lib/deliveries/schema.ts";
import type { FormAction, FormState } from "#lib/form-state.ts";

export type VerifyAction = FormAction<CheckedUrl>;

/** What came of Verify: the outcome in the platform's words, then step by step how far it got. */
export function VerifyResult({
  state,
  isChecking,
  url,
}: {
  state: FormState<CheckedUrl>;
  isChecking: boolean;
  url: string;
}) {
  const t = useTranslations("channels.verify");
  return (
    <div role="status">
      {isChecking ? (
        <p className="flex items-center gap-2 text-dim">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t("working")}
        </p>
      ) : state.status === "refused" ? (
        <Notice tone="bad">{state.message}</Notice>
      ) : (
        state.status === "done" &&
        state.data !== undefined && <Report checked={state.data} url={url} />
      )}
    </div>
  );
}

function Report({ checked, url }: { checked: CheckedUrl; url: string }) {
  const t = useTranslations("channels.verify");
  const { outcome, totalMs } = checked;
  const succeeded = outcome.state === "success";
  return (
    <Notice tone={succeeded ? "good" : "bad"} title={t(succeeded ? "success" : "failed")}>
      {succeeded ? (
        <p>{t("successText", { status: outcome.statusCode, ms: totalMs })}</p>
      ) : (
        <p>
          <code className="font-mono">{outcome.error.reason}</code>
          {" · "}
          {outcome.error.detail}
        </p>
      )}
      {checked.url !== url && <p className="text-dim">{t("stale")}</p>}
      <ol aria-label={t("steps")} className="mt-2.5 space-y-2">
        {checked.steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ol>
    </Notice>
  );
}

function Step({ step }: { step: VerifyStep }) {
  const t = useTranslations("channels.verify");
  const Icon = step.ok ? Check : X;
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2">
      <Icon
        className={cn("mt-1 size-4", step.ok ? "text-good" : "text-bad")}
        aria-label={t(step.ok ? "ok" : "notOk")}
        role="img"
      />
      <div className="min-w-0">
        <span className="font-medium">{t(`step.${step.step}`)}</span>{" "}
        <span className="font-mono text-sm break-all text-dim">{factOf(step)}</span>
        <Certificate step={step} />
        {step.advice !== null && <p>{t(`advice.${step.advice}`)}</p>}
      </div>
      <span className="font-mono text-sm whitespace-nowrap text-dim tabular-nums">
        {step.ms === null ? "" : t("ms", { ms: step.ms })}
      </span>
    </li>
  );
}

function Certificate({ step }: { step: VerifyStep }) {
  const t = useTranslations("channels.verify");
  if (step.step !== "tls" || step.certificate === null) return null;
  const { subject, issuer, validTo } = step.certificate;
  return (
    <p className="text-sm break-words text-dim">
      {t("certificate", { subject, issuer, date: validTo.slice(0, 10) })}
    </p>
  );
}

/** What the step found out, in the protocol's own words. */
function factOf(step: VerifyStep): string {
  switch (step.step) {
    case "address":
      return step.host ?? "";
    case "dns":
      return step.addresses.join(", ");
    case "tcp":
      return step.address === null ? `:${step.port}` : `${step.address} :${step.port}`;
    case "tls":
      return [step.version, step.protocol].filter(Boolean).join(" · ");
    case "http":
      return [step.protocol, step.statusCode].filter(Boolean).join(" · ");
  }
}
