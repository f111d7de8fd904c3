/**
 * What a server action answers to its form. `values` is what was typed, so that nothing is lost when it is refused;
 * fields named like a secret never come back.
 */
export type FormState<T = undefined> =
  | { status: "idle" }
  | { status: "done"; message: string | null; data: T }
  | {
      status: "refused";
      /** One sentence for the whole form; null when the fields say it all. */
      message: string | null;
      fieldErrors: Record<string, string>;
      values: Record<string, string>;
      /** Where to go first, in a new tab; the form stays as it is. */
      link?: { href: string; label: string };
    };

export const idleForm: FormState<never> = { status: "idle" };

/** A server action as `useActionState` takes it; the first argument is the state before. */
export type FormAction<T = undefined> = (
  previous: FormState<T>,
  form: FormData,
) => Promise<FormState<T>>;

/** What was typed into a field before the form was refused, else `fallback`. */
export function typedValue(state: FormState<unknown>, name: string, fallback = ""): string {
  return state.status === "refused" ? (state.values[name] ?? fallback) : fallback;
}

export function fieldError(state: FormState<unknown>, name: string): string | undefined {
  return state.status === "refused" ? state.fieldErrors[name] : undefined;
}
