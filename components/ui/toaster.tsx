"use client";

import { useSyncExternalStore } from "react";
import { later, useLater } from "./later.ts";
import { toasts } from "./toast.ts";

const corner = later(() => import("./toast-corner.tsx"));
const none: readonly string[] = [];

/** Shows what `toast` says. */
export function Toaster() {
  const unsaid = useSyncExternalStore(toasts.subscribe, toasts.unsaid, () => none);
  const part = useLater(corner, unsaid.length > 0, toasts.clear);
  return part === undefined ? null : <part.ToastCorner unsaid={unsaid} />;
}
