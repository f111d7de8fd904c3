import { useFormatter, useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Link } from "#components/ui/link.tsx";
import type { IntakeLimits, NamedCrowdedChannel } from "#lib/intake/schema.ts";

export type CrowdedChannelsCalloutProps = {
  channels: readonly NamedCrowdedChannel[];
  limits: IntakeLimits;
};

/** No events of some channels are taken in, while others' are: of which, why, and what to do. */
export function CrowdedChannelsCallout({ channels, limits }: CrowdedChannelsCalloutProps) {
  const t = useTranslations("operations.crowded");
  const format = useFormatter();
  const values = {
    countMax: format.number(limits.channelMax),
    minutesMax: format.number(Math.ceil(limits.ageMaxMs / 60_000)),
  };
  return (
    <Callout tone="bad" role="alert" title={t("title")}>
      <ul className="list-disc pl-5">
        {channels.map(({ id, name, trouble }) => (
          <li key={id}>
            <Link href={`/console/operations/channels?q=${id}`}>{name}</Link> ({id}):{" "}
            {t(trouble, values)}
          </li>
        ))}
      </ul>
      <p>{t("then")}</p>
    </Callout>
  );
}
