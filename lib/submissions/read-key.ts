import { createHash } from "node:crypto";
import { submissionField } from "./submission-key.ts";

/**
 * What tells one sending of a form from another, out of its key and what was filled in: who goes back, fills it in otherwise
 * and sends it means something new. Null for a form that no submit button sent. Nothing can be read out of it: the form's
 * own key goes in and is not kept.
 */
export async function readSubmissionKey(form: FormData): Promise<string | null> {
  const key = form.get(submissionField);
  if (typeof key !== "string" || !/^[0-9a-f]{32}$/.test(key)) return null;
  const hash = createHash("sha256").update(key);
  for (const [name, value] of form) {
    // What React adds says nothing of what was filled in.
    if (name.startsWith("$ACTION")) continue;
    const bytes = typeof value === "string" ? value : new Uint8Array(await value.arrayBuffer());
    hash.update(`\n${name.length}:${name}:${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex");
}
