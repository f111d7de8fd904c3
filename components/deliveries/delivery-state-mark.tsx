import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import type { DeliveryState } from "#lib/delivery-log/schema.ts";

/** Shape and colour always together, and the word beside them. */
const looks = {
  waiting: { shape: "ring", text: "text-warn" },
  sending: { shape: "circle", text: "text-brand" },
  set_aside: { shape: "triangle", text: "text-warn" },
  delivered: { shape: "circle", text: "text-good" },
  failed: { shape: "square", text: "text-bad" },
  stopped: { shape: "square", text: "text-bad" },
  cancelled: { shape: "diamond", text: "text-dim" },
  not_sent: { shape: "ring", text: "text-dim" },
} as const satisfies Record<DeliveryState, { shape: ShapeKind; text: string }>;

export function DeliveryStateMark({
  state,
  className,
}: {
  state: DeliveryState;
  className?: string;
}) {
  const t = useTranslations("deliveries.state");
  const { shape, text } = looks[state];
  return (
    <span className={cn("inline-flex items-center gap-2 whitespace-nowrap", className)}>
      <Shape kind={shape} className={text} />
      {t(state)}
    </span>
  );
}
