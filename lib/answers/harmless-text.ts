// Terminal escapes, NUL and the other controls, and the marks that turn the direction of text round: shown by
// their numbers, so that nothing a bot server answers can hide or rearrange what stands around it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made harmless.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const directions = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Any text with its invisible commands made visible. Tab and line feed stay; a lone surrogate becomes U+FFFD. */
export function harmlessText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(controls, (character) => name(character.codePointAt(0) ?? 0))
    .replace(directions, (character) => name(character.codePointAt(0) ?? 0))
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

const name = (code: number): string => `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
