import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import type { MailState } from "#lib/notifications/schema.ts";

const looks = {
  queued: { shape: "ring", tone: "plain" },
  sending: { shape: "ring", tone: "plain" },
  sent: { shape: "circle", tone: "good" },
  failed: { shape: "square", tone: "bad" },
  kept: { shape: "diamond", tone: "plain" },
  suppressed: { shape: "triangle", tone: "warn" },
} as const satisfies Record<
  MailState,
  { shape: ShapeKind; tone: "plain" | "good" | "warn" | "bad" }
>;

export function MailStateBadge({ state }: { state: MailState }) {
  const t = useTranslations("notifications.outbox.states");
  return (
    <Badge tone={looks[state].tone}>
      <Shape kind={looks[state].shape} />
      {t(state)}
    </Badge>
  );
}
