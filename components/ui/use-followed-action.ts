import { useActionState } from "react";
import { type FormAction, type FormState, idleForm } from "#lib/form-state.ts";
import { useHasScript } from "./use-has-script.ts";

/**
 * `useActionState` for an action after which something may happen in the browser, such as a toast: `onDone` is called before the page
 * shows what became of it, which may take the form away. Where no script runs, and until one does, the form goes to the action itself,
 * as only that works there. The state is what the form itself is to say: where a script runs, nothing of what is done.
 */
export function useFollowedAction(
  action: FormAction,
  onDone?: (message: string | null) => void,
): [FormState, (form: FormData) => void] {
  const hasScript = useHasScript();
  const [followed, dispatch] = useActionState<FormState, FormData>(async (previous, form) => {
    const next = await action(previous, form);
    if (next.status === "done") onDone?.(next.message);
    return next;
  }, idleForm);
  const [plain, post] = useActionState(action, idleForm);
  const state = followed.status === "idle" ? plain : followed;
  return [followed.status === "done" ? idleForm : state, hasScript ? dispatch : post];
}
