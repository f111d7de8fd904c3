const barWidth = 4;
const height = 24;

/** A trend at a glance; `colour` is what the chart draws it in. `label` says what it shows. */
export function SparkLine({
  counts,
  colour,
  label,
}: {
  counts: readonly number[];
  colour: string;
  label: string;
}) {
  const largest = Math.max(1, ...counts);
  const width = counts.length * barWidth;
  return (
    <svg
      role="img"
      aria-label={`${label}: ${counts.join(", ")}`}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className="shrink-0"
    >
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      {counts.map((count, index) => {
        const barHeight = count === 0 ? 0 : Math.max(2, (count / largest) * height);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a part of the range is its place.
            key={index}
            x={index * barWidth}
            y={height - barHeight}
            width={barWidth - 1}
            height={barHeight}
            fill={colour}
          />
        );
      })}
    </svg>
  );
}
