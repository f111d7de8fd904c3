import type { ErrorReason } from "#lib/transport/error-class.ts";
import { fonts, light, reasonMarks } from "./mail-colors.ts";
import type { NotificationItem } from "./notification-items.ts";

/** Label and value side by side; one under the other in a narrow column. */
export function ItemList({
  items,
  reason,
}: {
  items: readonly NotificationItem[];
  reason: ErrorReason;
}) {
  return (
    <table
      width="100%"
      cellPadding={0}
      cellSpacing={0}
      border={0}
      style={{ borderCollapse: "collapse", margin: "20px 0 0" }}
    >
      <tbody>
        {items.map((item) => (
          <tr key={item.label} className="row line" style={{ borderColor: light.line }}>
            <th scope="row" className="label line dim" style={label}>
              {item.label}
            </th>
            <td className="value line ink" style={value}>
              {item.kind === "reason" && <ReasonMark reason={reason} />}
              <span style={valueStyles[item.kind]}>{item.value}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
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

const cell = {
  borderTop: `1px solid ${light.line}`,
  fontSize: 14,
  lineHeight: "20px",
  textAlign: "left",
  verticalAlign: "top",
} as const;
const label = { ...cell, width: 150, padding: "9px 12px 9px 0", color: light.dim, fontWeight: 400 };
const value = { ...cell, padding: "9px 0", color: light.ink, wordBreak: "break-word" } as const;

const code = { fontFamily: fonts.mono, fontSize: 13 };
const valueStyles = {
  code,
  reason: code,
  number: { fontWeight: 650 },
  text: {},
} as const satisfies Record<NotificationItem["kind"], object>;
