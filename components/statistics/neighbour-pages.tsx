import type { ReactNode } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";

type NeighbourPage = { label: string; href: string };

/** Where a list begins: its pages lead there, not to where the press was. */
export const listAnchor = "list";

type Props = {
  /** What the links lead through. */
  label: string;
  first: NeighbourPage;
  /** Null: this is the first page; then `first` is not shown either. */
  previous: NeighbourPage | null;
  next: NeighbourPage | null;
  className?: string;
  /** What has to be said before the links. */
  children?: ReactNode;
};

/** Pages by keyset have neighbours, no numbers. Nothing where there is but one page. */
export function NeighbourPages({ label, first, previous, next, className, children }: Props) {
  if (previous === null && next === null) return null;
  return (
    <nav aria-label={label} className={cn("flex items-center gap-2", className)}>
      {children}
      {previous !== null && <PageLink page={first} />}
      {previous !== null && <PageLink page={previous} rel="prev" />}
      {next !== null && <PageLink page={next} rel="next" />}
    </nav>
  );
}

function PageLink({ page, rel }: { page: NeighbourPage; rel?: "prev" | "next" }) {
  return (
    <Link
      rel={rel}
      href={`${page.href}#${listAnchor}`}
      prefetch={false}
      className={buttonClass({ look: rel === undefined ? "ghost" : "quiet", size: "sm" })}
    >
      {page.label}
    </Link>
  );
}
