"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Has the server make the page anew every so often, while it is looked at. Shows nothing. */
export function KeepFresh({ everyMs }: { everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return null;
}
