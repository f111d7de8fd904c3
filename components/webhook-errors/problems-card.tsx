import { useTranslations } from "next-intl";
import { useMailStanding } from "#components/statistics/mail-standing.ts";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { MailStanding } from "#lib/notifications/standing.ts";
import { problemName } from "#lib/problems/problem-name.ts";
import type { Problem } from "#lib/problems/schema.ts";
import type { ProblemFigures } from "./errors-figures.ts";
import type { ErrorsView } from "./errors-view.ts";
import { type ProblemActionSet, ProblemActions } from "./problem-actions.tsx";
import { ProblemLine, timeText } from "./problem-line.tsx";

/** Lines that are seen at once; the rest unfolds. */
const shownMax = 3;

type CardProps = ProblemFigures & {
  causeNames: Readonly<Record<LikelyCause, string>>;
  standing: MailStanding;
  view: ErrorsView;
  now: Date;
  actions: ProblemActionSet;
  mayMute: boolean;
};

/** The errors of the range as people speak of them, whatever the filter leaves in the list beneath. */
export function ProblemsCard(props: CardProps) {
  const t = useTranslations("problems");
  const { problems, moreCount } = props.list;
  if (problems.length === 0) return null;
  const line = (problem: Problem) => (
    <Line key={problemName(problem)} problem={problem} {...props} />
  );
  const rest = problems.slice(shownMax);
  return (
    <Card aria-labelledby="problems" className="overflow-hidden">
      <h2 id="problems" className="border-b px-4 py-2.5 font-semibold sm:px-5">
        {t("label")}
      </h2>
      <ul>{problems.slice(0, shownMax).map(line)}</ul>
      {rest.length > 0 && (
        <details className="border-t">
          <summary className="cursor-pointer px-4 py-2.5 text-sm text-brand sm:px-5">
            {t("rest", { count: rest.length })}
          </summary>
          <ul className="border-t">{rest.map(line)}</ul>
          {moreCount > 0 && <Callout>{t("more", { count: moreCount })}</Callout>}
        </details>
      )}
    </Card>
  );
}

function Line({
  problem,
  causes,
  causeNames,
  view,
  now,
  actions,
  mayMute,
  ...rest
}: CardProps & { problem: Problem }) {
  const { reason, detail, taken, resolvedAt } = problem;
  const isMuted = problem.muted !== null;
  const cause = causes[problemName(problem)];
  return (
    <ProblemLine
      problem={problem}
      cause={cause === undefined ? null : causeNames[cause]}
      told={<Told problem={problem} view={view} now={now} mayMute={mayMute} {...rest} />}
      view={view}
      now={now}
      actions={
        <ProblemActions
          problem={{ reason, detail, taken, resolvedAt, isMuted }}
          channelId={view.channelId}
          actions={actions}
          mayMute={mayMute}
        />
      }
    />
  );
}

type ToldProps = Pick<CardProps, "tellings" | "standing" | "view" | "now" | "mayMute"> & {
  problem: Problem;
};

/** Who was told, or why nobody is; a link to the cause for those who can see it. */
function Told({ problem, tellings, standing, view, now, mayMute }: ToldProps) {
  const t = useTranslations("problems.told");
  const { channelId, timeZone } = view;
  const { note, causeHref } = useMailStanding({ standing, channelId, timeZone, now });
  const telling = tellings[problemName(problem)];
  const text =
    problem.muted !== null
      ? t("muted")
      : telling !== undefined
        ? telling.addressCount === 0 && telling.heldCount > 0
          ? t("held")
          : t("to", { time: timeText(telling.at, view, now), count: telling.addressCount })
        : standing.barrier !== null
          ? note
          : t("notYet");
  if (!mayMute) return text;
  return (
    <Link href={causeHref} prefetch={false} className="text-brand underline underline-offset-2">
      {text}
    </Link>
  );
}
