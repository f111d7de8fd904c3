import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

export type Segment = { href: string; label: string; current: boolean };

const frame =
  "inline-flex max-w-full overflow-x-auto rounded-control border bg-sunk p-0.5 text-base";

/** The look of one choice among few; for links here, for buttons by name elsewhere. */
export const segmentClass = (current: boolean): string =>
  cn(
    "inline-flex h-8 items-center rounded-md px-3 whitespace-nowrap focus-visible:-outline-offset-2",
    current ? "bg-surface font-medium text-ink shadow-xs" : "text-dim hover:text-ink",
  );

/** A choice that lives in the URL. */
export function Segmented({ label, segments }: { label: string; segments: readonly Segment[] }) {
  return (
    <nav aria-label={label} className={frame}>
      {segments.map((segment) => (
        <Link
          prefetch={false}
          key={segment.href}
          href={segment.href}
          scroll={false}
          aria-current={segment.current ? "true" : undefined}
          className={segmentClass(segment.current)}
        >
          {segment.label}
        </Link>
      ))}
    </nav>
  );
}

export const segmentedFrameClass = frame;
