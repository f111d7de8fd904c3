import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useTransition } from "react";

/** After a refresh the page rests as long as that took, and at least so long: a slow server is not asked all the time. */
const restMinMs = 250;

/**
 * Renders the page's server components anew, one round at a time; what is asked for meanwhile becomes one more round.
 * A refresh makes Next fetch every prefetched link again, so links around a live page have `prefetch={false}`.
 */
export function useRefresh(): () => void {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const round = useRef({ isBusy: false, isWanted: false, startedAt: 0 });
  const refresh = useCallback(() => {
    const { current } = round;
    current.isWanted = current.isBusy;
    if (current.isBusy) return;
    current.isBusy = true;
    current.startedAt = performance.now();
    startTransition(() => router.refresh());
  }, [router]);
  useEffect(() => {
    const { current } = round;
    if (isPending || !current.isBusy) return;
    const restMs = Math.max(restMinMs, performance.now() - current.startedAt);
    const timer = setTimeout(() => {
      current.isBusy = false;
      if (current.isWanted) refresh();
    }, restMs);
    return () => clearTimeout(timer);
  }, [isPending, refresh]);
  return refresh;
}
