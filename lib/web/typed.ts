import "server-only";
import { z } from "zod";
import { parseJson } from "#lib/json-text/parse-json.ts";
import { submissionField } from "#lib/submissions/submission-key.ts";
import { dropFlow, keepFlow, readFlow } from "./flow-cookies.ts";

/** Fields that no person filled in: React's, and the key of the form. */
export const isOurs = (name: string): boolean =>
  name.startsWith("$ACTION") || name === submissionField;

const secretName = /password|secret|token|^code$/i;

/** What a person typed into a form, by field; fields named like a secret are left out. */
export function typed(form: FormData): Record<string, string> {
  const told = [...form].flatMap(([name, value]) =>
    typeof value !== "string" || isOurs(name) || secretName.test(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(told);
}

/**
 * Which of them a person reads again: neither ids nor empty ones. Nor the address of an alert target (`url`): whoever knows it can
 * write to its readers.
 */
const isReadAgain = ([name, value]: [string, string]): boolean =>
  value.trim() !== "" && !/Id$|^(id|key|next|link|version|url)$/.test(name);

/** A browser keeps 4,096 bytes of a cookie, its name among them. */
const cookieBytesMax = 3_500;

const Kept = z.object({ path: z.string(), texts: z.array(z.string()) });

/**
 * Keeps what was typed into the form of the page at `path`, in the browser that sent it, until that page is seen again or half an
 * hour is over. Texts that are too long for a cookie are left out, the longest first.
 */
export async function keepTyped(path: string, form: FormData): Promise<void> {
  const told = Object.entries(typed(form)).filter(isReadAgain);
  const texts = [...new Set(told.map(([, value]) => value))];
  const write = () => Buffer.from(JSON.stringify({ path, texts })).toString("base64url");
  while (texts.length > 0 && write().length > cookieBytesMax) {
    const longest = Math.max(...texts.map((text) => text.length));
    texts.splice(
      texts.findIndex((text) => text.length === longest),
      1,
    );
  }
  if (texts.length > 0) await keepFlow("typed", write());
}

/** What `keepTyped` kept for the page at `path`; empty otherwise. */
export async function readTyped(path: string | null): Promise<readonly string[]> {
  const kept = await readFlow("typed");
  if (kept === null) return [];
  const parsed = Kept.safeParse(parseJson(Buffer.from(kept, "base64url").toString()));
  return parsed.success && parsed.data.path === path ? parsed.data.texts : [];
}

/** Once a form of the person's has arrived again. */
export async function forgetTyped(): Promise<void> {
  if ((await readFlow("typed")) !== null) await dropFlow("typed");
}
