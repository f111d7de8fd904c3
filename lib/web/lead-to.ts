import "server-only";
import { redirect } from "next/navigation";

const destinations = new WeakMap<object, string>();

/** As redirect, to a path of the console that may be told again; see pathLedTo. */
export function leadTo(path: string): never {
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
