import { useTranslations } from "next-intl";
import type { AskedOutcome } from "#lib/delivery-log/schema.ts";
import { formatStatus } from "#lib/webhook-errors/status-filter.ts";
import type { CauseNames } from "./deliveries-view.ts";

/** The parts of an outcome that are asked for, in words, each with what takes it away. */
export function useOutcomeTexts(
  { reason, status, likelyCause, answerFromMs, answerToMs }: AskedOutcome,
  causeNames: CauseNames,
): { name: string; without: Partial<AskedOutcome> }[] {
  const t = useTranslations("deliveries.filter");
  const texts: [string | null, Partial<AskedOutcome>][] = [
    [reason, { reason: null }],
    [status && (status === "none" ? t("noStatus") : formatStatus(status)), { status: null }],
    [likelyCause && causeNames[likelyCause], { likelyCause: null }],
    [answerFromMs === null ? null : t("atLeast", { ms: answerFromMs }), { answerFromMs: null }],
    [answerToMs === null ? null : t("atMost", { ms: answerToMs }), { answerToMs: null }],
  ];
  return texts.flatMap(([name, without]) => (name === null ? [] : [{ name, without }]));
}
