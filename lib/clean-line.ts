// Of names that people choose and others read in lists, mails and logs.
const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Overrides turn what follows around, also beyond the name. The marks that right-to-left scripts need are others. */
const overrides = /[\u202a-\u202e\u2066-\u2069]/g;
/** Something that leaves ink: neither space nor control, nor one of the signs that are drawn as nothing. */
const visible = /[^\s\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * A text that is to stand in one line, such as a name: without line ends, controls and spaces around it, and without what
 * would turn the text after it around. Empty when nothing of it could be seen.
 */
export function cleanLine(text: string): string {
  const line = text.replace(controls, " ").replace(overrides, "").trim();
  return visible.test(line) ? line : "";
}
