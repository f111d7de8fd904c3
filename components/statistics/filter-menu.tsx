"use client";

import { ListFilter } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import type { FilteredPage } from "./filtered-page.ts";

/** The filters as a form; the address is the state, so applying is going somewhere. */
export function FilterMenu({
  page,
  count,
  hrefOf,
  className,
  children,
}: {
  page: FilteredPage;
  /** How many filters are in force. */
  count: number;
  /** Where the filled form leads. */
  hrefOf: (form: FormData) => string;
  /** The width, as wide as the fields need. */
  className: string;
  /** The fields. */
  children: ReactNode;
}) {
  const t = useTranslations(`${page}.filter`);
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button>
          <ListFilter aria-hidden />
          {count === 0 ? t("open") : t("count", { count })}
        </Button>
      </PopoverTrigger>
      <PopoverContent className={className} aria-label={t("open")}>
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            setOpen(false);
            router.push(hrefOf(new FormData(event.currentTarget)), { scroll: false });
          }}
        >
          {children}
          <Button type="submit">{t("apply")}</Button>
        </form>
      </PopoverContent>
    </Popover>
  );
}
