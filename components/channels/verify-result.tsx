"use client";

import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import type { CheckedUrl, ShownStep } from "#lib/channels/schema.ts";
import type { VerifyStep } from "#lib/verify/schema.ts";
import type { VerifyProgress } from "./use-verify.ts";
import { UnknownStep, VerifyStepRow } from "./verify-step.tsx";

/**
 * Verify while it runs and what came of it: the outcome in the platform's words, then step by step how far it got. The
 * list itself is silent; one sentence says what is new to those who listen.
 */
export function VerifyResult({ progress, url }: { progress: VerifyProgress; url: string }) {
  return (
    <div>
      <p role="status" className="sr-only">
        <Announcement progress={progress} />
      </p>
      <Shown progress={progress} url={url} />
    </div>
  );
}

function Shown({ progress, url }: { progress: VerifyProgress; url: string }) {
  const t = useTranslations("channels.verify");
  switch (progress.state) {
    case "idle":
      return null;
    case "refused":
      return (
        <Callout tone="bad" role="alert">
          {progress.message}
        </Callout>
      );
    case "running":
      return (
        <Callout title={t("working")}>
          <Steps steps={progress.steps} url={url} isRunning />
        </Callout>
      );
    case "done":
      return <Report checked={progress.checked} url={url} />;
  }
}

function Announcement({ progress }: { progress: VerifyProgress }): string {
  const t = useTranslations("channels.verify");
  switch (progress.state) {
    case "idle":
    case "refused":
      return "";
    case "running": {
      const last = progress.steps.at(-1);
      if (last === undefined) return t("working");
      return t(last.ok ? "stepPassed" : "stepFailed", { step: t(`step.${last.step}`) });
    }
    case "done":
      return t(titleOf(progress.checked));
  }
}

function Report({ checked, url }: { checked: CheckedUrl; url: string }) {
  const t = useTranslations("channels.verify");
  const { outcome, totalMs } = checked;
  const title = titleOf(checked);
  return (
    <Callout tone={tones[title]} title={t(title)}>
      {outcome.state === "success" ? (
        <p>{t("successText", { status: outcome.statusCode, ms: totalMs })}</p>
      ) : (
        <p>
          <code className="font-mono">{outcome.error.reason}</code>
          {" · "}
          {outcome.error.detail}
        </p>
      )}
      {checked.url !== url && <p className="text-dim">{t("stale")}</p>}
      <Steps steps={checked.steps} url={checked.url} isRunning={false} />
    </Callout>
  );
}

const tones = { success: "good", doubtful: "warn", failed: "bad" } as const;

function titleOf({ outcome, steps }: CheckedUrl): keyof typeof tones {
  if (outcome.state === "failed") return "failed";
  const isDoubted = steps.some((step) => step.step === "http" && step.doubt !== null);
  return isDoubted ? "doubtful" : "success";
}

function Steps({
  steps,
  url,
  isRunning,
}: {
  steps: readonly ShownStep[];
  url: string;
  isRunning: boolean;
}) {
  const t = useTranslations("channels.verify");
  const seen = new Set(steps.map(({ step }) => step));
  const hasEnded = !isRunning || steps.some(({ ok }) => !ok);
  const left = expectedSteps(url).filter((step) => !seen.has(step));
  const tcp = steps.find((step) => step.step === "tcp");
  return (
    <ol aria-label={t("steps")} aria-busy={isRunning} className="mt-2.5 space-y-2">
      {steps.map((step) => (
        <VerifyStepRow key={step.step} step={step} addresses={tcp?.addresses ?? []} />
      ))}
      {left.map((step, index) => (
        <UnknownStep
          key={step}
          step={step}
          look={hasEnded ? "not_reached" : index === 0 ? "running" : "waiting"}
        />
      ))}
    </ol>
  );
}

/** The steps that a URL can have: an address needs no look-up, and plain http no TLS. */
function expectedSteps(url: string): VerifyStep["step"][] {
  const { protocol, hostname } = URL.canParse(url)
    ? new URL(url)
    : { protocol: "https:", hostname: "" };
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  return [
    "address",
    ...(isAddress ? [] : (["dns"] as const)),
    "tcp",
    ...(protocol === "http:" ? [] : (["tls"] as const)),
    "http",
  ];
}
