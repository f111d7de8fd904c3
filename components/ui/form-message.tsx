import type { FormState } from "#lib/form-state.ts";
import { Callout } from "./callout.tsx";

/** The sentence for a whole form, read out when it comes. */
export function FormMessage({ state }: { state: FormState<unknown> }) {
  if (state.status === "idle" || state.message === null) return null;
  const refused = state.status === "refused";
  return (
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
  );
}
