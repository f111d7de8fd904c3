/**
 * A path of this console that a person may be sent to, or null. Only what begins with one slash and holds nothing that a
 * browser could read as another host.
 */
export function safePath(text: string | null | undefined): string | null {
  if (!text || !/^\/(console|invitation)(\/[\w\-./%?=&]*)?$/.test(text)) return null;
  return text.includes("//") || text.includes("..") ? null : text;
}
