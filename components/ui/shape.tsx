import { cn } from "./cn.ts";

export type ShapeKind = "circle" | "triangle" | "square" | "diamond" | "ring";

/** A small mark; colour comes from the text colour. Shape and colour always go together, and a text stands beside. */
export function Shape({ kind, className }: { kind: ShapeKind; className?: string }) {
  return (
    <svg viewBox="0 0 10 10" className={cn("size-2.5 shrink-0", className)} aria-hidden="true">
      {kind === "circle" && <circle cx="5" cy="5" r="4" fill="currentColor" />}
      {kind === "ring" && (
        <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.4" />
      )}
      {kind === "square" && <rect x="1" y="1" width="8" height="8" rx="1.4" fill="currentColor" />}
      {kind === "triangle" && <path d="M5 0.8 9.6 9.2H0.4Z" fill="currentColor" />}
      {kind === "diamond" && <path d="M5 0.4 9.6 5 5 9.6 0.4 5Z" fill="currentColor" />}
    </svg>
  );
}
