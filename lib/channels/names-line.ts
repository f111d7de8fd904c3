/** "line" on its own, however written: between spaces, signs, digits or letters of another script. */
const word = /(?<![a-z])line(?![a-z])/i;
/** Part of a name written together, as in MyLINE, LINEbot or LineShop; not of ONLINE, Linear or Pipeline. */
const part = /(?<![A-Z])LINE(?![A-Z])|(?<![A-Z])Line(?![a-z])|(?<![a-z])line(?=[A-Z])/;

/**
 * Whether a channel's name uses the platform's own (docs/platform.md#fields: it may not contain "LINE" or similar). Words that only
 * contain those letters, as in "Online shop", are no such use. Full-width letters count as the plain ones.
 */
export function namesLine(name: string): boolean {
  const plain = name.normalize("NFKC");
  return word.test(plain) || part.test(plain);
}
