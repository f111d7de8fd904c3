import "server-only";
import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";

const destinations = new WeakMap<object, string>();

/**
 * As redirect, for what a form changed, to a path of the console that may be told again; see pathLedTo. The frame around
 * the pages is drawn anew on the way: what was made, or is gone, stands in its side bar.
 */
export function leadTo(path: string): never {
  revalidatePath("/console", "layout");
  try {
    redirect(path);
  } catch (signal) {
    if (typeof signal === "object" && signal !== null) destinations.set(signal, path);
    throw signal;
  }
}

/** Where what was thrown leads; null when it was not thrown by leadTo. */
export const pathLedTo = (thrown: unknown): string | null =>
  typeof thrown === "object" && thrown !== null ? (destinations.get(thrown) ?? null) : null;
