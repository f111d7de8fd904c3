import { useTranslations } from "next-intl";
import { buttonClass } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";

/** Stands where a view would that was not read: because too much is being read, or because it takes too long. */
export function NotReadNow({ why }: { why: "busy" | "long" }) {
  const t = useTranslations("common.notRead");
  return (
    <div role="alert" data-busy={why}>
      <EmptyState
        title={t("title")}
        text={t(why)}
        // An empty address is the page's own, and works without a script.
        action={
          // biome-ignore lint/a11y/useValidAnchor: it is valid, and the only one that keeps the address as it is.
          <a href="" className={buttonClass()}>
            {t("again")}
          </a>
        }
      />
    </div>
  );
}
