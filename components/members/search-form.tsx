import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { Input } from "#components/ui/input.tsx";

/** A plain form that changes the address: works without JavaScript, and the result can be linked to. */
export function SearchForm({ search }: { search: string }) {
  const t = useTranslations("members.search");
  return (
    <search>
      <form method="get" className="flex gap-2">
        <Input
          type="search"
          name="q"
          className="w-56"
          maxLength={100}
          aria-label={t("label")}
          placeholder={t("label")}
          defaultValue={search}
        />
        <Button type="submit" size="icon" aria-label={t("action")}>
          <Search aria-hidden />
        </Button>
      </form>
    </search>
  );
}
