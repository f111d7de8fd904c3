import { useTranslations } from "next-intl";
import { Card } from "#components/ui/card.tsx";
import { type Evidence, evidence } from "#lib/causes/evidence.ts";
import { type CauseGroup, causeGroups, causesOfGroup } from "#lib/causes/groups.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";

/** Every likely cause with its words and an anchor of its own, group by group. */
export function CauseList() {
  const t = useTranslations("causes.labels.help");
  return (
    <>
      <nav aria-label={t("contents")}>
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {causeGroups.map((group) => (
            <li key={group}>
              <a href={`#group-${group}`} className="text-brand hover:underline">
                {t(`group.${group}`)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {causeGroups.map((group) => (
        <Group key={group} group={group} />
      ))}
    </>
  );
}

function Group({ group }: { group: CauseGroup }) {
  const t = useTranslations("causes.labels.help");
  return (
    <section aria-labelledby={`group-${group}`} className="space-y-3">
      <h2 id={`group-${group}`} className="scroll-mt-20 lg:scroll-mt-4 text-lg font-semibold">
        {t(`group.${group}`)}
      </h2>
      <Card className="divide-y">
        {causesOfGroup(group).map((cause) => (
          <Cause key={cause} cause={cause} />
        ))}
      </Card>
    </section>
  );
}

function Cause({ cause }: { cause: LikelyCause }) {
  const t = useTranslations("causes");
  const seen = evidence[cause] ?? [];
  return (
    <article
      id={cause}
      aria-labelledby={`${cause}-name`}
      className="scroll-mt-20 lg:scroll-mt-4 space-y-1.5 px-5 py-4 target:bg-sunk/60"
    >
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h3 id={`${cause}-name`} className="font-semibold">
          {t(`${cause}.name`)}
        </h3>
        <code className="font-mono text-sm break-all text-dim">{cause}</code>
      </div>
      <p className="max-w-prose">{t(`${cause}.cause`)}</p>
      <p className="max-w-prose">
        <span className="text-dim">{t("labels.do")}:</span> {t(`${cause}.action`)}
      </p>
      {seen.length > 0 && <SeenWith seen={seen} />}
    </article>
  );
}

function SeenWith({ seen }: { seen: readonly Evidence[] }) {
  const t = useTranslations("causes.labels.help");
  return (
    <div className="text-sm">
      <h4 className="text-dim">{t("seenWith")}</h4>
      <ul>
        {seen.map(({ server, situation, seen: what }) => (
          <li key={`${server} ${situation} ${what}`} className="wrap-anywhere">
            {server}
            {situation !== undefined && (
              <>
                {" · "}
                <code className="font-mono">{situation}</code>
              </>
            )}
            {" → "}
            {what}
          </li>
        ))}
      </ul>
    </div>
  );
}
