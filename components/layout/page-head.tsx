import type { ReactNode } from "react";
import { Breadcrumb, type Crumb } from "#components/ui/breadcrumb.tsx";

/** The head of a page or of a group of tabs: where it stands, its name, what belongs to the name, one action. */
export function PageHead({
  crumbs,
  title,
  badges,
  text,
  action,
}: {
  crumbs: readonly Crumb[];
  title: string;
  badges?: ReactNode;
  text?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="space-y-2">
      <Breadcrumb crumbs={crumbs} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-2">
          <h1 className="min-w-0 text-3xl font-semibold tracking-tight">{title}</h1>
          {badges}
        </div>
        {action}
      </div>
      {text !== undefined && <p className="max-w-prose text-dim">{text}</p>}
    </div>
  );
}
