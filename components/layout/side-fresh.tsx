"use client";

import { usePathname, useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/**
 * The frame is drawn once for many pages, and does not know which of them one goes to. When it is a channel that does not stand
 * in the side bar, the side bar is read again: the channel was opened by then, and so stands there.
 */
export function SideFresh({ shown }: { shown: readonly string[] }) {
  const router = useRouter();
  const channelId = /^\/console\/channel\/([^/]+)/.exec(usePathname())?.[1];
  const asked = useRef<string | undefined>(undefined);
  const isMissing = channelId !== undefined && !shown.includes(channelId);
  useEffect(() => {
    // Once for each channel, also when it never comes to stand there.
    if (!isMissing || asked.current === channelId) return;
    asked.current = channelId;
    router.refresh();
  }, [isMissing, channelId, router]);
  return null;
}
