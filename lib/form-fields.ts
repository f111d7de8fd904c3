/** More than any form here has: a list of members has 500 boxes. */
export const formFieldsMax = 1_000;

/**
 * The fields of a form as an object; a name that comes several times becomes a list, and those that `isLeftOut` says are
 * missing. Null when there are more than 1,000, React's own among them: who sends so many sends no form of ours, and what costs time
 * for each of them must not be done for a stranger. Goes through the form once, and not to its end when it is too long.
 */
export function readFields(
  form: Iterable<readonly [string, FormDataEntryValue]>,
  isLeftOut: (name: string) => boolean,
): Record<string, unknown> | null {
  const lists = new Map<string, FormDataEntryValue[]>();
  let count = 0;
  for (const [name, value] of form) {
    if (++count > formFieldsMax) return null;
    if (isLeftOut(name)) continue;
    const list = lists.get(name);
    if (list) list.push(value);
    else lists.set(name, [value]);
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries(
    [...lists].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}
