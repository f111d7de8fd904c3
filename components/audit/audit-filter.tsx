import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { Link } from "#components/ui/link.tsx";
import { auditActions } from "#lib/audit/actions.ts";
import type { AuditSearch } from "#lib/audit/search.ts";

/** A plain form: the address is the filter, also without JavaScript. */
export function AuditFilter({ root, search }: { root: string; search: AuditSearch }) {
  const t = useTranslations("audit");
  const isSet = Object.values(search).some((value) => value !== null);
  // Uncontrolled fields keep what was typed; another address has to bring its own.
  const key = JSON.stringify(search);
  return (
    <form
      key={key}
      action={root}
      method="get"
      aria-label={t("filter.label")}
      className="grid grid-cols-2 items-end gap-3 border-b px-5 pb-4 sm:flex sm:flex-wrap"
    >
      <SelectField
        label={t("filter.action")}
        name="action"
        defaultValue={search.action ?? ""}
        className="col-span-2 sm:w-64"
      >
        <option value="">{t("filter.any")}</option>
        {auditActions.map((action) => (
          <option key={action} value={action}>
            {t(`actions.${action}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t("filter.result")}
        name="result"
        defaultValue={search.result ?? ""}
        className="col-span-2 sm:w-32"
      >
        <option value="">{t("filter.any")}</option>
        <option value="done">{t("results.done")}</option>
        <option value="refused">{t("results.refused")}</option>
      </SelectField>
      <TextField
        className="min-w-0 max-[400px]:col-span-2"
        label={t("filter.from")}
        name="from"
        type="date"
        defaultValue={search.from ?? ""}
      />
      <TextField
        className="min-w-0 max-[400px]:col-span-2"
        label={t("filter.to")}
        name="to"
        type="date"
        defaultValue={search.to ?? ""}
      />
      {search.actor !== null && <input type="hidden" name="actor" value={search.actor} />}
      <div className="col-span-2 flex gap-2">
        <Button type="submit">{t("filter.apply")}</Button>
        {isSet && (
          <Button asChild look="ghost">
            <Link href={root}>{t("filter.clear")}</Link>
          </Button>
        )}
      </div>
    </form>
  );
}
