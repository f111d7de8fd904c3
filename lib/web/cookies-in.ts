export type Jar = ReadonlyMap<string, { value: string }>;

/** The cookies that a request carries, as Next reads them: the last of a name counts. */
export function cookiesIn(header: string | undefined): Jar {
  const jar = new Map<string, { value: string }>();
  for (const pair of (header ?? "").split("; ")) {
    const at = pair.indexOf("=");
    if (at > 0) jar.set(pair.slice(0, at), { value: decoded(pair.slice(at + 1)) });
  }
  return jar;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
