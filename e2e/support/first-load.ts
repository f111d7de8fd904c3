import { gzipSync } from "node:zlib";

/** What a page's script may weigh before anything on it answers, in kB (1,000 bytes), compressed. */
export const errorsPageKbMax = 215;

/**
 * The scripts that a page names: the browser loads all of them before the page is alive. What the page's script brings by itself later,
 * as the chart's and the menus', is not named. Old browsers' polyfills are left out, as browsers leave them.
 */
export function firstLoadScripts(html: string): string[] {
  const old = new Set(
    [...html.matchAll(/<script[^>]*\bnomodule\b[^>]*>/gi)].flatMap(([tag]) => pathsIn(tag)),
  );
  return [...new Set(pathsIn(html))].filter((path) => !old.has(path));
}

const pathsIn = (text: string): string[] => text.match(/\/_next\/static\/[\w./~-]+\.js\b/g) ?? [];

/** Whole kB of a page's first scripts, each compressed by itself as a server sends it. `init` holds the cookie. */
export async function weighFirstLoad(url: string, init: RequestInit): Promise<number> {
  const answer = await fetch(url, { ...init, redirect: "manual" });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  const scripts = firstLoadScripts(await answer.text());
  const weights = await Promise.all(
    scripts.map(async (path) => {
      const script = await fetch(new URL(path, url));
      if (!script.ok) throw new Error(`${path} answered ${script.status}`);
      return gzipSync(Buffer.from(await script.arrayBuffer())).length;
    }),
  );
  return Math.ceil(weights.reduce((sum, bytes) => sum + bytes, 0) / 1_000);
}
