const [barWidth, gap, height] = [5, 2, 32];

/** Counts of hours that follow one another, as bars, for a glance; what they say in words is `label`. */
export function HourlyBars({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(1, ...counts);
  const width = counts.length * (barWidth + gap) - gap;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className="self-center text-bad"
    >
      <title>{label}</title>
      {counts.map((count, hour) => {
        const high = count === 0 ? 1 : Math.max(2, Math.round((count / most) * height));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: an hour is its place.
            key={hour}
            x={hour * (barWidth + gap)}
            y={height - high}
            width={barWidth}
            height={high}
            rx={1}
            fill="currentColor"
            opacity={count === 0 ? 0.25 : 1}
          />
        );
      })}
    </svg>
  );
}
