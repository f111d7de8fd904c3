"use client";

import type { ReactNode } from "react";
import { MobileBar } from "./mobile-bar.tsx";
import { Palette } from "./palette.tsx";

/** Beside a wide page stands the side bar, above a narrow one the head with it behind a button. It is sent once for both. */
export function ConsoleFrame({
  side,
  isOperator,
  children,
}: {
  side: ReactNode;
  isOperator: boolean;
  children: ReactNode;
}) {
  return (
    <Palette isOperator={isOperator}>
      <aside className="hidden border-r bg-sunk lg:block">
        <div className="sticky top-0 flex h-dvh flex-col">{side}</div>
      </aside>
      <div className="min-w-0">
        <MobileBar>{side}</MobileBar>
        {children}
      </div>
    </Palette>
  );
}
