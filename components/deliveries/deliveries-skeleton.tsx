import { ViewSkeleton } from "#components/statistics/view-skeleton.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";

export function DeliveriesSkeleton() {
  return (
    <ViewSkeleton>
      <Skeleton className="h-[36rem] rounded-card" />
    </ViewSkeleton>
  );
}
