import { useTranslations } from "next-intl";
import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import type { ChannelState } from "#lib/channels/schema.ts";

const marks: Record<ChannelState, { kind: ShapeKind; colour: string }> = {
  no_events: { kind: "ring", colour: "text-brand" },
  healthy: { kind: "circle", colour: "text-good" },
  some_errors: { kind: "triangle", colour: "text-reason-request-timeout" },
  failing: { kind: "square", colour: "text-reason-could-not-connect" },
  suspended: { kind: "diamond", colour: "text-bad" },
  webhook_off: { kind: "ring", colour: "text-dim" },
};

/** The state of a channel as shape and colour; the words are there for screen readers, and what it means for the pointer. */
export function ChannelStateMark({ state }: { state: ChannelState }) {
  const t = useTranslations("channels");
  const { kind, colour } = marks[state];
  return (
    <span
      className="inline-flex shrink-0"
      title={`${t(`state.${state}`)}: ${t(`stateHint.${state}`)}`}
    >
      <Shape kind={kind} className={colour} />
      <span className="sr-only">{t(`state.${state}`)}</span>
    </span>
  );
}
