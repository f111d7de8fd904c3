"use client";

import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  useActiveTooltipLabel,
  XAxis,
  YAxis,
} from "recharts";
import { shortCount } from "./short-count.ts";
import { timeChartHeight } from "./time-chart-height.ts";

export type ChartSeries = { key: string; label: string; colour: string };

/** One bar: its parts by series, and the line behind; null breaks the line. */
export type ChartPoint = { values: Readonly<Record<string, number>>; line: number | null };

/** Positions count bars: 0 is the middle of the first, -0.5 its left edge. */
export type ChartMarks = {
  ticks: readonly { position: number; label: string }[];
  /** Hatched stretches. */
  gaps: readonly { from: number; to: number; label: string }[];
  /** Lines where something happened. */
  events: readonly { key: string; position: number }[];
  /** Says that the last bar is still growing; null when it is not. */
  filling: string | null;
};

type TimeChartProps = {
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  line: ChartSeries;
  marks: ChartMarks;
  /** The whole chart in a sentence. */
  summary: string;
  renderTooltip: (index: number) => ReactNode;
  /** The bars from the first to the last that was dragged over. */
  /** Or that one that was pressed, by pointer or by Enter. */
  onSelect: (first: number, last: number) => void;
};

const height = timeChartHeight;
const tick = { fill: "var(--dim)", fontSize: 11 };
const countAxis = {
  width: 44,
  allowDecimals: false,
  tick,
  tickLine: false,
  axisLine: false,
  tickFormatter: shortCount,
};

/** Stacked bars over time with a line behind them, in one fixed height. Knows no domain words. */
export function TimeChart({ series, points, line, marks, summary, ...on }: TimeChartProps) {
  const hatch = useId();
  const drag = useDrag(on);
  const active = useRef<number | null>(null);
  const keepActive = useCallback((index: number | null) => {
    active.current = index;
  }, []);
  const data = points.map((point, index) => ({ ...point, position: index }));
  const edges: [number, number] = [-0.5, Math.max(points.length - 0.5, 0.5)];
  return (
    // Clipped: the width that the first paint assumes is wider than a narrow screen.
    // biome-ignore lint/a11y/noStaticElementInteractions: the chart within takes the focus and the arrow keys.
    <div
      onKeyDown={({ key }) => {
        if (key === "Enter" && active.current !== null) on.onSelect(active.current, active.current);
      }}
      style={{ height }}
      className="overflow-x-clip select-none [&_:focus:not(:focus-visible)]:outline-none"
    >
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 960, height }}>
        <ComposedChart
          data={data}
          margin={{ top: 16, right: 0, bottom: 0, left: 0 }}
          title={summary}
          accessibilityLayer
          {...drag.handlers}
        >
          <defs>
            <Hatching id={hatch} />
          </defs>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            type="number"
            dataKey="position"
            domain={edges}
            ticks={marks.ticks.map((one) => one.position)}
            tickFormatter={(at: number) =>
              marks.ticks.find((one) => one.position === at)?.label ?? ""
            }
            interval="equidistantPreserveStart"
            minTickGap={24}
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: "var(--line)" }}
          />
          <YAxis yAxisId="bars" {...countAxis} />
          <YAxis yAxisId="line" orientation="right" {...countAxis} />
          {marks.gaps.map((gap) => (
            <ReferenceArea
              key={gap.from}
              yAxisId="bars"
              x1={gap.from}
              x2={gap.to}
              fill={`url(#${hatch})`}
              fillOpacity={1}
              label={<GapLabel text={gap.label} />}
            />
          ))}
          {marks.filling !== null && points.length > 1 && (
            <ReferenceArea
              yAxisId="bars"
              x1={points.length - 1.5}
              x2={points.length - 0.5}
              fill="var(--brand-soft)"
              fillOpacity={1}
            />
          )}
          <Line
            yAxisId="line"
            dataKey="line"
            name={line.label}
            stroke={line.colour}
            strokeWidth={1.5}
            dot={false}
            activeDot={{ r: 3 }}
            connectNulls={false}
            isAnimationActive={false}
          />
          {series.map((one) => (
            <Bar
              key={one.key}
              yAxisId="bars"
              stackId="bars"
              dataKey={(point: ChartPoint) => point.values[one.key] ?? 0}
              name={one.label}
              fill={one.colour}
              stroke="var(--surface)"
              strokeWidth={1}
              radius={1.5}
              maxBarSize={32}
              isAnimationActive={false}
              className="cursor-pointer"
              onMouseDown={drag.press}
            />
          ))}
          {marks.events.map((event) => (
            <ReferenceLine
              key={event.key}
              yAxisId="bars"
              x={event.position}
              stroke="var(--ink)"
              strokeDasharray="2 3"
              strokeOpacity={0.7}
              label={<EventLabel />}
            />
          ))}
          <ActiveBar onChange={keepActive} />
          {drag.selection !== null && (
            <ReferenceArea
              yAxisId="bars"
              x1={drag.selection.first - 0.5}
              x2={drag.selection.last + 0.5}
              fill="var(--brand)"
              fillOpacity={0.18}
            />
          )}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: "var(--edge)", strokeDasharray: "3 3" }}
            content={({ active, label }) =>
              active === true && typeof label === "number" && label in points
                ? on.renderTooltip(label)
                : null
            }
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

function Hatching({ id }: { id: string }) {
  return (
    <pattern
      id={id}
      width="6"
      height="6"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <rect width="6" height="6" fill="var(--sunk)" />
      <line x1="0" y1="0" x2="0" y2="6" stroke="var(--line)" strokeWidth="3" />
    </pattern>
  );
}

/** Tells which bar the pointer or the arrow keys are at. */
function ActiveBar({ onChange }: { onChange: (index: number | null) => void }) {
  const label = useActiveTooltipLabel();
  const index = typeof label === "number" ? label : null;
  useEffect(() => onChange(index), [onChange, index]);
  return null;
}

/** A small flag at the top of the line. */
function EventLabel({ viewBox }: { viewBox?: { x: number; y: number } }) {
  if (viewBox === undefined) return null;
  const { x, y } = viewBox;
  return <path d={`M${x} ${y - 9}l6 4.5l-6 4.5z`} fill="var(--ink)" />;
}

/** Left out where the stretch is too narrow for it; the hatching stays. */
function GapLabel({
  text,
  viewBox,
}: {
  text: string;
  viewBox?: { x: number; y: number; width: number };
}) {
  if (viewBox === undefined || viewBox.width < text.length * 6 + 4) return null;
  return (
    <text x={viewBox.x + viewBox.width / 2} y={viewBox.y + 14} textAnchor="middle" {...tick}>
      {text}
    </text>
  );
}

type Pointed = { activeTooltipIndex?: number | string | null | undefined };

/**
 * Dragging over bars selects from one to another; a press on a bar without a move selects that one. Not by `click`:
 * the press draws the chart anew, which replaces the bar below the pointer, and browsers click only what stays.
 */
function useDrag({ onSelect }: Pick<TimeChartProps, "onSelect">) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const pressed = useRef(false);
  const indexOf = (state: Pointed): number | null =>
    state.activeTooltipIndex == null ? null : Number(state.activeTooltipIndex);
  const selection =
    drag === null || drag.from === drag.to
      ? null
      : { first: Math.min(drag.from, drag.to), last: Math.max(drag.from, drag.to) };
  return {
    selection,
    press: () => {
      pressed.current = true;
    },
    handlers: {
      onMouseDown: (state: Pointed) => {
        const from = indexOf(state);
        if (from !== null) setDrag({ from, to: from });
      },
      onMouseMove: (state: Pointed) => {
        const to = indexOf(state);
        if (drag !== null && to !== null && to !== drag.to) setDrag({ ...drag, to });
      },
      onMouseUp: () => {
        setDrag(null);
        if (selection !== null) onSelect(selection.first, selection.last);
        else if (pressed.current && drag !== null) onSelect(drag.from, drag.from);
        pressed.current = false;
      },
      onMouseLeave: () => {
        setDrag(null);
        pressed.current = false;
      },
    },
  };
}
