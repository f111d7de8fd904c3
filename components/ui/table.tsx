import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** The frame of a table: scrolls sideways inside its card where there is no room. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  return (
    <div className="relative overflow-x-auto">
      <table className={cn("w-full border-collapse text-left", className)} {...props} />
    </div>
  );
}

export function HeadCell({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn(
        "border-b px-3 py-2.5 text-sm font-normal whitespace-nowrap text-dim first:pl-5 last:pr-5",
        className,
      )}
      {...props}
    />
  );
}

export function Cell({ className, ...props }: ComponentProps<"td">) {
  return (
    <td className={cn("px-3 py-2.5 align-middle first:pl-5 last:pr-5", className)} {...props} />
  );
}

/** A moment in figures, each as wide as the other, so that those of a column can be compared. */
export function MomentCell({ className, ...props }: ComponentProps<"td">) {
  return (
    <Cell
      className={cn("font-mono text-sm whitespace-nowrap tabular-nums", className)}
      {...props}
    />
  );
}

export function Row({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("border-b last:border-b-0", className)} {...props} />;
}
