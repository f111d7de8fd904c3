"use client";

import { useTranslations } from "next-intl";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";

/** What stands where a page broke (Next's error file); the digest finds the cause in the log. */
export function FailedPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("common.failed");
  return (
    <div role="alert">
      <EmptyState
        title={t("title")}
        text={
          <>
            {t("text")}
            {error.digest !== undefined && (
              <span className="block font-mono text-sm">
                {t("reference", { reference: error.digest })}
              </span>
            )}
          </>
        }
        action={
          <Button look="primary" onClick={reset}>
            {t("again")}
          </Button>
        }
      />
    </div>
  );
}
