import "server-only";
import { getTranslations } from "next-intl/server";
import type { z } from "zod";
import type { AppError } from "#lib/app-error.ts";

/** One sentence in the person's language for an expected refusal; falls back on its code. */
export async function describeRefusal(error: AppError): Promise<string> {
  const t = await getTranslations("errors");
  const key = error.key ?? error.code;
  // Keys come from many nouns; an unknown one is answered by the code's own sentence, which a test keeps complete.
  const known = t.has(key as Parameters<typeof t.has>[0]);
  return t((known ? key : error.code) as Parameters<typeof t>[0], error.values);
}

/** The first refusal of each field. zod's message is a key under `errors.fields`. */
export async function describeFields(error: z.ZodError): Promise<Record<string, string>> {
  const t = await getTranslations("errors.fields");
  const fields: Record<string, string> = {};
  for (const issue of error.issues) {
    const name = issue.path.map(String).join(".");
    const key = t.has(issue.message as Parameters<typeof t.has>[0]) ? issue.message : "invalid";
    fields[name] ??= t(key as Parameters<typeof t>[0], boundsOf(issue));
  }
  return fields;
}

function boundsOf(issue: z.core.$ZodIssue): Record<string, number> {
  if (issue.code === "too_big") return { max: Number(issue.maximum) };
  if (issue.code === "too_small") return { min: Number(issue.minimum) };
  return {};
}

/** What a sign-in by a provider came to, from the address that it led back to; null when nothing is said. */
export async function providerRefusal(refused: string, error: string): Promise<string | null> {
  if (refused === "" && error === "") return null;
  const t = await getTranslations("errors");
  const key = /^(provider|link)_\w+$/.test(refused) ? refused : "provider_failed";
  const known = t.has(key as Parameters<typeof t.has>[0]) ? key : "provider_failed";
  return t(known as Parameters<typeof t>[0], {});
}
