import { ArrowUp } from "lucide-react";
import { useTranslations } from "next-intl";

/** "5 new", over the list of a reader who has scrolled on; leads back to its head. */
export function MissedChip({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useTranslations("webhook-errors.table");
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-3 z-30 flex justify-center"
    >
      {count > 0 && (
        <button
          type="button"
          onClick={onShow}
          className="pointer-events-auto inline-flex min-h-8 animate-in items-center gap-1.5 rounded-full bg-brand px-3.5 text-sm font-medium text-on-brand fade-in"
        >
          <ArrowUp aria-hidden className="size-3.5" />
          {t("new", { count })}
        </button>
      )}
    </div>
  );
}
