import type { ReactNode } from "react";
import { light } from "./mail-colors.ts";

/** Label and value side by side; one under the other in a narrow column. */
export function FactTable({ facts }: { facts: readonly { label: string; value: ReactNode }[] }) {
  return (
    <table
      width="100%"
      cellPadding={0}
      cellSpacing={0}
      border={0}
      style={{ borderCollapse: "collapse", margin: "20px 0 0" }}
    >
      <tbody>
        {facts.map((fact) => (
          <tr key={fact.label} className="row line" style={{ borderColor: light.line }}>
            <th scope="row" className="label line dim" style={label}>
              {fact.label}
            </th>
            <td className="value line ink" style={value}>
              {fact.value}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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
