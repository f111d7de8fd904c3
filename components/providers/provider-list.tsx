import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Link } from "#components/ui/link.tsx";
import { countedMax } from "#lib/counted-max.ts";
import type { ProviderEntry } from "#lib/providers/schema.ts";

export function ProviderList({
  providers,
  isOperator,
}: {
  providers: readonly ProviderEntry[];
  isOperator: boolean;
}) {
  const t = useTranslations("providers");
  const lists = useTranslations("lists.providers");
  if (providers.length === 0) {
    const text = t(isOperator ? "none.operator" : "none.other");
    return (
      <Card>
        <EmptyState title={t("none.title")} text={text} />
      </Card>
    );
  }
  return (
    <Card>
      <ul className="divide-y">
        {providers.map((provider) => (
          <li key={provider.id}>
            <Link
              prefetch={false}
              href={`/console/provider/${provider.id}/channels`}
              className="flex items-center gap-3 px-5 py-3.5 hover:bg-sunk/60 focus-visible:-outline-offset-2"
            >
              <span className="min-w-0 grow truncate font-medium">{provider.name}</span>
              <span className="text-sm whitespace-nowrap text-dim">
                {provider.channelCount > countedMax
                  ? lists("more", { count: countedMax })
                  : t("channelCount", { count: provider.channelCount })}
              </span>
              <ChevronRight className="size-4 shrink-0 text-dim" aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
