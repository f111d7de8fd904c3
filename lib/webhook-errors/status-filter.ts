/** One status code (`from` = `to`), a class such as 5xx, or `none`: no answer came. */
export type StatusFilter = { from: number; to: number } | "none";

/** `503`, a class such as `5xx`, or `none`; null when the text is none of them. */
export function parseStatus(text: string): StatusFilter | null {
  if (text.toLowerCase() === "none") return "none";
  if (/^[1-5]xx$/i.test(text)) {
    const from = Number(text[0]) * 100;
    return { from, to: from + 99 };
  }
  return /^[1-9]\d\d$/.test(text) ? { from: Number(text), to: Number(text) } : null;
}

/** As `parseStatus` reads it. */
export function formatStatus(status: StatusFilter): string {
  if (status === "none") return status;
  return status.from === status.to ? String(status.from) : `${Math.floor(status.from / 100)}xx`;
}
