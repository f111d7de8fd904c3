import { cn } from "#components/ui/cn.ts";

/** A channel's icon, or its first letter. The name always stands beside it, so it says nothing to screen readers. */
export function ChannelIcon({
  channel,
  className,
}: {
  channel: { id: string; name: string; iconHash: string | null };
  className?: string;
}) {
  const frame = cn("size-9 shrink-0 rounded-control border bg-sunk", className);
  if (channel.iconHash === null) {
    return (
      <span aria-hidden className={cn(frame, "grid place-items-center font-semibold text-dim")}>
        {[...channel.name][0]}
      </span>
    );
  }
  const src = `/console/channel/${channel.id}/icon?v=${channel.iconHash}`;
  return (
    // biome-ignore lint/performance/noImgElement: nothing is optimised here (next.config.ts), and next/image costs every page 5 kB.
    <img
      src={src}
      alt=""
      width={256}
      height={256}
      loading="lazy"
      decoding="async"
      className={cn(frame, "object-cover")}
    />
  );
}
