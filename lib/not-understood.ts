import { AppError } from "./app-error.ts";

/** What stands behind the `?` of an address, by name; several values where a name stands there several times. */
export type Given = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What an address asks under a name that its page knows, but whose value nobody understands; `value` as it stands there, cut. */
export type NotUnderstood = { name: string; value: string };

const valueLengthMax = 60;

/** What is asked under a name: an empty value asks for nothing, as of a field that nobody filled in. */
const askedBy = (value: Given[string]): string[] =>
  [value ?? []].flat().filter((text) => text.trim() !== "");

/** The one value of each name. Of a name with several that differ nobody knows which is meant: it has none. */
export function singleValues(given: Given): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const values = new Set(askedBy(value));
      return [name, values.size === 1 ? [...values][0] : undefined];
    }),
  );
}

/**
 * What was asked and not understood: `parsed` is what became of each name that the page knows, null where that is nothing.
 */
export function listNotUnderstood(
  given: Given,
  parsed: Readonly<Record<string, unknown>>,
): NotUnderstood[] {
  return Object.entries(parsed).flatMap(([name, value]) => {
    const asked = askedBy(given[name])
      .join(", ")
      .replace(/\p{Cc}/gu, "�");
    if (asked === "" || value !== null) return [];
    return [
      { name, value: asked.length > valueLengthMax ? `${asked.slice(0, valueLengthMax)}…` : asked },
    ];
  });
}

export function givenBy(search: URLSearchParams): Given {
  return Object.fromEntries([...search.keys()].map((name) => [name, search.getAll(name)]));
}

/**
 * For whatever is done with all that a view shows: what was left out of the view's address would be done to more than was asked.
 * @throws AppError invalid, naming it, if there is any
 */
export function refuseNotUnderstood(parts: readonly NotUnderstood[] | undefined): void {
  if (parts === undefined || parts.length === 0) return;
  const filters = parts.map(({ name, value }) => `${name}=${value}`).join(", ");
  throw new AppError("invalid", `The URL is not understood: ${filters}`, {
    key: "filter_not_understood",
    values: { filters },
  });
}
