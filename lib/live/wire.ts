// JSON that keeps moments. A Date is written as `@` and its milliseconds; a text that begins with `@` or `~` gets a `~`
// before it, so that no text, whoever wrote it, is read as a moment.

/** Writes what consists of plain objects, arrays, texts, numbers, booleans, null and Dates. */
export function toWire(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, written: unknown) {
    // JSON.stringify has turned a Date into a text already; its place still has it.
    const original = this[key];
    if (original instanceof Date) return `@${original.getTime()}`;
    return typeof written === "string" && /^[@~]/.test(written) ? `~${written}` : written;
  });
}

/** Reads what `toWire` wrote: the type is what was given there, which both sides take from the same build (`figuresMake`). */
export function fromWire<T>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "string") return value;
    if (value.startsWith("@")) return new Date(Number(value.slice(1)));
    return value.startsWith("~") ? value.slice(1) : value;
  });
}
