/** One status code (`from` = `to`) or a class such as 5xx. */
export type StatusFilter = { from: number; to: number };

/** `503`, or a class such as `5xx`; null when the text is neither. */
export function parseStatus(text: string): StatusFilter | null {
  if (/^[1-5]xx$/i.test(text)) {
    const from = Number(text[0]) * 100;
    return { from, to: from + 99 };
  }
  return /^[1-9]\d\d$/.test(text) ? { from: Number(text), to: Number(text) } : null;
}

/** As `parseStatus` reads it. */
export function formatStatus(status: StatusFilter): string {
  return status.from === status.to ? String(status.from) : `${Math.floor(status.from / 100)}xx`;
}
