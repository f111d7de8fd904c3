"use client";

import { type ReactNode, Suspense, useState } from "react";

/**
 * What takes long comes later, with `fallback` in its place; where no script runs (`isWhole`) the page waits for it. As it came it
 * stays: looking again must not make anew what people have begun in it.
 */
export function InParts({
  isWhole: comesWhole,
  fallback,
  children,
}: {
  isWhole: boolean;
  fallback: ReactNode;
  children: ReactNode;
}) {
  const [isWhole] = useState(comesWhole);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}
