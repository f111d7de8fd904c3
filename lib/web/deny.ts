import "server-only";
import { notFound } from "next/navigation";

const denials = new WeakSet<object>();

/** As notFound, for whoever lacks the right to what may well be there; told apart by isDenial. */
export function deny(): never {
  try {
    notFound();
  } catch (signal) {
    if (typeof signal === "object" && signal !== null) denials.add(signal);
    throw signal;
  }
}

/** Whether what was thrown says that the person lacks the right. */
export const isDenial = (thrown: unknown): boolean =>
  typeof thrown === "object" && thrown !== null && denials.has(thrown);
