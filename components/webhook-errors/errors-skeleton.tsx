import { ViewSkeleton } from "#components/statistics/view-skeleton.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

export function ErrorsSkeleton() {
  return (
    <ViewSkeleton>
      <Skeleton className="h-24 rounded-card" />
      <Skeleton className="h-72 rounded-card" />
      <Skeleton className="h-96 rounded-card" />
    </ViewSkeleton>
  );
}
