import { isErrorReason } from "#lib/transport/error-class.ts";
import type { RowKey } from "./schema.ts";

const minuteText = /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/;
const detailLengthMax = 200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach the database or a page.
const control = /[\u0000-\u001f\u007f]/;

/** A UTC minute such as `2026-11-22T01:41Z`, as addresses carry it. */
export function formatUrlMinute(at: Date): string {
  return `${at.toISOString().slice(0, 16)}Z`;
}

/** The minute, or null when the text is not one between 2000 and 2100. */
export function parseUrlMinute(text: string): Date | null {
  if (!minuteText.test(text)) return null;
  const at = new Date(text);
  const year = at.getUTCFullYear();
  // A day such as 31 February is not taken for one in March.
  return year >= 2000 && year < 2100 && formatUrlMinute(at) === text ? at : null;
}

/** A text that can be a detail: 1 to 200 characters that are not all blank, none of them a control character. */
export function isDetail(text: string): boolean {
  return text.trim() !== "" && text.length <= detailLengthMax && !control.test(text);
}

/** The name of a row in an address: `2026-11-22T01:41Z.could_not_connect.Unknown host`. */
export function formatRowKey(key: RowKey): string {
  return `${formatUrlMinute(key.minute)}.${key.reason}.${key.detail}`;
}

export function parseRowKey(text: string): RowKey | null {
  const [minuteText = "", reason = "", ...rest] = text.split(".");
  const minute = parseUrlMinute(minuteText);
  const detail = rest.join(".");
  if (minute === null || !isErrorReason(reason) || !isDetail(detail)) return null;
  return { minute, reason, detail };
}
