import type { ErrorReason } from "#lib/transport/error-class.ts";
import { FactTable } from "./fact-table.tsx";
import { fonts, reasonMarks } from "./mail-colors.ts";
import type { NotificationItem } from "./notification-items.ts";

export function ItemList({
  items,
  reason,
}: {
  items: readonly NotificationItem[];
  reason: ErrorReason;
}) {
  const facts = items.map(({ label, kind, value }) => ({
    label,
    value: (
      <>
        {kind === "reason" && <ReasonMark reason={reason} />}
        <span style={valueStyles[kind]}>{value}</span>
      </>
    ),
  }));
  return <FactTable facts={facts} />;
}

function ReasonMark({ reason }: { reason: ErrorReason }) {
  const { shape, light: color } = reasonMarks[reason];
  return (
    <span
      aria-hidden="true"
      className={`mark-${reason}`}
      style={{ color, fontFamily: fonts.text, fontSize: 13, paddingRight: 8 }}
    >
      {shape}
    </span>
  );
}

const code = { fontFamily: fonts.mono, fontSize: 13 };
const valueStyles = {
  code,
  reason: code,
  number: { fontWeight: 650 },
  text: {},
} as const satisfies Record<NotificationItem["kind"], object>;
