import type { FormState } from "#lib/form-state.ts";
import { Notice } from "./notice.tsx";

/** The sentence for a whole form, read out when it comes. */
export function FormMessage({ state }: { state: FormState<unknown> }) {
  if (state.status === "idle" || state.message === null) return null;
  const refused = state.status === "refused";
  return (
    <Notice tone={refused ? "bad" : "good"} role={refused ? "alert" : "status"}>
      {state.message}
    </Notice>
  );
}
