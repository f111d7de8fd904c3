import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import type { FileProgress } from "./save-file.ts";
import type { DownloadState } from "./use-download.ts";

/** How far a file is, and the way to give it up; in a corner, so that the page can be used meanwhile. */
export function DownloadProgress({
  download,
  onStop,
}: {
  download: DownloadState;
  onStop: () => void;
}) {
  const t = useTranslations("exports");
  if (download.state === "idle") return null;
  const isRunning = download.state === "running";
  const isOver = download.state === "failed" || download.state === "broken";
  return (
    <section
      aria-label={t("title")}
      className="fixed right-4 bottom-4 z-40 w-80 max-w-[calc(100vw-2rem)] space-y-2 rounded-card border bg-surface p-4 text-left"
    >
      <div className="flex items-start justify-between gap-3">
        <p role={isOver ? "alert" : "status"} className="min-w-0">
          {download.state === "done" && t("done", { count: download.rows })}
          {download.state === "failed" && (download.message ?? t("broken"))}
          {download.state === "broken" && (
            <>
              {t("broken")} <HowFar {...download} />
            </>
          )}
          {isRunning && t("running")}
        </p>
        <Button
          look="ghost"
          size="sm"
          onClick={onStop}
          aria-label={t(isRunning ? "cancel" : "close")}
        >
          {isRunning ? t("cancel") : <X aria-hidden />}
        </Button>
      </div>
      {isRunning && <Bar rows={download.rows} total={download.total} />}
    </section>
  );
}

function Bar({ rows, total }: FileProgress) {
  const t = useTranslations("exports");
  // Errors that come meanwhile can be more than were counted.
  const share = total === null || total === 0 ? null : Math.min(1, rows / total);
  return (
    <>
      <progress
        aria-label={t("title")}
        className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-brand [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-brand"
        {...(share === null ? {} : { value: share, max: 1 })}
      />
      <HowFar rows={rows} total={total} />
    </>
  );
}

function HowFar({ rows, total }: FileProgress) {
  const t = useTranslations("exports");
  return (
    <span className="block text-sm text-dim tabular-nums">
      {total === null ? t("rows", { count: rows }) : t("rowsOf", { count: rows, total })}
    </span>
  );
}
