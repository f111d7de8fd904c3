import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/** Says that there is nothing, why, and what to do about it. */
export function EmptyState({
  title,
  text,
  action,
  className,
}: {
  title: ReactNode;
  text?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn("flex flex-col items-center gap-1.5 px-5 py-12 text-center", className)}>
      <p className="text-lg font-semibold">{title}</p>
      {text !== undefined && <p className="max-w-md text-dim">{text}</p>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
