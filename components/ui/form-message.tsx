"use client";

import { useEffect, useRef } from "react";
import type { FormState } from "#lib/form-state.ts";
import { Callout } from "./callout.tsx";

/** The sentence for a whole form, read out and brought into view when it comes: it may have been sent from far above. */
export function FormMessage({ state }: { state: FormState<unknown> }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.status !== "idle") element.current?.scrollIntoView({ block: "nearest" });
  }, [state]);
  if (state.status === "idle" || state.message === null) return null;
  const refused = state.status === "refused";
  return (
    <div ref={element} className="scroll-my-4">
      <Callout tone={refused ? "bad" : "good"} role={refused ? "alert" : "status"}>
        {state.message}
        {refused && state.link !== undefined && (
          <a
            href={state.link.href}
            target="_blank"
            rel="noopener"
            className="mt-1 block font-medium underline"
          >
            {state.link.label}
          </a>
        )}
      </Callout>
    </div>
  );
}
