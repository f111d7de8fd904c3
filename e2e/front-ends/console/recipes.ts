import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../../docs/behind-a-proxy.md", import.meta.url), "utf8");

/** Where the console is in the recipes of docs/behind-a-proxy.md. */
const upstreamOfPage = "127.0.0.1:3000";

/** The page's recipe for a server, with the console at `upstream`. @throws Error when the page has none. */
export function recipe(server: string, upstream: number): string {
  const [, text] = new RegExp(`\`\`\`${server}\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (text?.includes(upstreamOfPage) !== true) {
    throw new Error(`docs/behind-a-proxy.md has no recipe for ${server}`);
  }
  return text.replaceAll(upstreamOfPage, `127.0.0.1:${upstream}`);
}

/** The lines between the one that matches `from` and the one that matches `to`. */
export function linesBetween(text: string, from: RegExp, to: RegExp): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => from.test(line)) + 1;
  const last = lines.findIndex((line, index) => index >= first && to.test(line));
  return lines.slice(first, last === -1 ? undefined : last).join("\n");
}
