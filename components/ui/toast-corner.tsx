"use client";

import { useEffect } from "react";
import { Toaster as Sonner, toast as show } from "sonner";
import { toasts } from "./toast.ts";

/** Colours come from the page's own tokens, which know the theme. */
export function ToastCorner({ unsaid }: { unsaid: readonly string[] }) {
  // After Sonner's own effects, which listen to it.
  useEffect(() => {
    if (unsaid.length === 0) return;
    for (const message of unsaid) show.success(message);
    toasts.clear();
  }, [unsaid]);
  return (
    <Sonner
      position="bottom-right"
      toastOptions={{
        style: {
          background: "var(--surface)",
          color: "var(--ink)",
          borderColor: "var(--line)",
          fontFamily: "inherit",
        },
      }}
    />
  );
}
