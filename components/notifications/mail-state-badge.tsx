import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import type { MailState } from "#lib/outbox/schema.ts";

/** A notice without a mail has a state, too: it waits, is held by quiet hours, or was dropped. */
type ShownState = MailState | "waiting" | "held" | "dropped";

const looks = {
  queued: { shape: "ring", tone: "plain" },
  sending: { shape: "ring", tone: "plain" },
  sent: { shape: "circle", tone: "good" },
  bounced: { shape: "square", tone: "bad" },
  failed: { shape: "square", tone: "bad" },
  kept: { shape: "diamond", tone: "plain" },
  waiting: { shape: "ring", tone: "plain" },
  held: { shape: "ring", tone: "plain" },
  dropped: { shape: "ring", tone: "plain" },
  suppressed: { shape: "triangle", tone: "warn" },
  withdrawn: { shape: "ring", tone: "plain" },
} as const satisfies Record<
  ShownState,
  { shape: ShapeKind; tone: "plain" | "good" | "warn" | "bad" }
>;

export function MailStateBadge({ state }: { state: ShownState }) {
  const t = useTranslations("notifications.outbox.states");
  return (
    <Badge tone={looks[state].tone}>
      <Shape kind={looks[state].shape} />
      {t(state)}
    </Badge>
  );
}
