/** A text that can stand in a mail header: one line, nothing that ends, hides or reorders it. */
export type HeaderSafe = string & { readonly __headerSafe: true };

// Line and paragraph ends, every other control character, and what turns the direction of writing (a subject could be
// made to read as another). U+200D and variation selectors stay: emoji are made of them.
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Cs}]/gu;

/** Makes `text` one harmless line of at most `lengthMax` characters (an ellipsis tells where it was cut). */
export function toHeaderSafe(text: string, lengthMax: number): HeaderSafe {
  const line = text.replace(breaking, " ").replace(hidden, "").replace(/\s+/g, " ").trim();
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  if (characters.length <= lengthMax) return line as HeaderSafe;
  return `${characters.slice(0, lengthMax - 1).join("")}…` as HeaderSafe;
}

export const nameInMailsLengthMax = 80;
