import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

const tones = {
  plain: { Icon: Info, frame: "bg-sunk", icon: "text-dim" },
  good: { Icon: CircleCheck, frame: "border-good/30 bg-good-soft", icon: "text-good" },
  warn: { Icon: TriangleAlert, frame: "border-warn/30 bg-warn-soft", icon: "text-warn" },
  bad: { Icon: CircleAlert, frame: "border-bad/30 bg-bad-soft", icon: "text-bad" },
};

export function Callout({
  tone = "plain",
  title,
  children,
  role,
  className,
}: {
  tone?: keyof typeof tones;
  title?: ReactNode;
  children?: ReactNode;
  role?: "alert" | "status";
  className?: string;
}) {
  const { Icon, frame, icon } = tones[tone];
  return (
    <div role={role} className={cn("flex gap-2.5 rounded-control border p-3", frame, className)}>
      <Icon className={cn("mt-0.5 size-4 shrink-0", icon)} aria-hidden />
      <div className="min-w-0 grow">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children}
      </div>
    </div>
  );
}
