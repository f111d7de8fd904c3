import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { readVerify } from "#lib/channels/read-verify.ts";
import type { CheckedUrl, ShownStep } from "#lib/channels/schema.ts";
import type { FormAction, FormState } from "#lib/form-state.ts";

export type VerifyAction = FormAction<CheckedUrl>;

/** How far a check is. */
export type VerifyProgress =
  | { state: "idle" }
  | { state: "running"; steps: readonly ShownStep[] }
  | { state: "refused"; message: string }
  | { state: "done"; checked: CheckedUrl };

/** Verify or a sample event, followed while it runs. It is given up when the person leaves the page. */
export function useVerify(channelId: string): {
  progress: VerifyProgress;
  start: (sample?: string) => void;
} {
  const t = useTranslations("channels.verify");
  const [progress, setProgress] = useState<VerifyProgress>({ state: "idle" });
  const router = useRouter();
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = (sample?: string) => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    const show = (next: VerifyProgress) => {
      if (stop.signal.aborted) return;
      setProgress(next);
      // What the page says of the channel may have changed with it.
      if (next.state === "done") router.refresh();
    };
    follow({ channelId, sample }, stop.signal, show).catch(() =>
      show({ state: "refused", message: t("interrupted") }),
    );
  };
  return { progress, start };
}

/** What the action without JavaScript came to, in the same form. */
export function progressOf(posted: FormState<CheckedUrl>): VerifyProgress {
  if (posted.status === "done" && posted.data !== undefined) {
    return { state: "done", checked: posted.data };
  }
  if (posted.status === "refused") return { state: "refused", message: posted.message ?? "" };
  return { state: "idle" };
}

async function follow(
  { channelId, sample }: { channelId: string; sample: string | undefined },
  signal: AbortSignal,
  show: (progress: VerifyProgress) => void,
): Promise<void> {
  let steps: readonly ShownStep[] = [];
  show({ state: "running", steps });
  const asked = sample === undefined ? "" : `?${new URLSearchParams({ sample })}`;
  const path = `/console/channel/${encodeURIComponent(channelId)}/messaging-api/verify${asked}`;
  const response = await fetch(path, { method: "POST", signal });
  if (!response.ok || response.body === null) {
    const refusal: unknown = await response.json();
    return show({ state: "refused", message: messageOf(refusal) });
  }
  for await (const line of readVerify(response.body)) {
    if (line.kind === "end") return show({ state: "done", checked: line.checked });
    if (line.kind === "defect") return show({ state: "refused", message: line.message });
    steps = [...steps, line.step];
    show({ state: "running", steps });
  }
  throw new Error("the answer ended before the check");
}

function messageOf(refusal: unknown): string {
  const known = typeof refusal === "object" && refusal !== null && "message" in refusal;
  if (!known || typeof refusal.message !== "string") throw new Error("an answer of another kind");
  return refusal.message;
}
