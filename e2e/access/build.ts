import { readFile } from "node:fs/promises";
import { join } from "node:path";

const built = join(import.meta.dirname, "../../.next/server");

const readJson = async (name: string) => JSON.parse(await readFile(join(built, name), "utf8"));

/**
 * Every page and route handler of the build, without `(group)`s. A handler of another method than GET is named by it, such as
 * `POST /a/[b]/route`. Which methods it has is asked of the product (`Allow`): a source can export them in many ways.
 */
export async function readRoutes(addressOf: (route: string) => string): Promise<string[]> {
  const paths = Object.keys(await readJson("app-paths-manifest.json"));
  const named = paths.map(async (path) => {
    const route = path.replaceAll(/\/\([^)]*\)/g, "");
    if (!path.endsWith("/route")) return [route];
    const methods = await readMethods(addressOf(route));
    return methods.map((method) => (method === "GET" ? route : `${method} ${route}`));
  });
  return (await Promise.all(named)).flat();
}

/** Without HEAD and OPTIONS, which Next answers by itself. @throws Error when it does not tell: nothing may be overlooked. */
async function readMethods(address: string): Promise<string[]> {
  const response = await fetch(address, { method: "OPTIONS" });
  const allowed = response.headers.get("allow")?.split(/,\s*/) ?? [];
  const methods = allowed.filter((method) => method !== "HEAD" && method !== "OPTIONS");
  if (methods.length === 0) throw new Error(`${address} does not tell its methods`);
  return methods;
}

type Reference = { filename: string; exportedName: string };

/** `<file>#<name>` of every server action of the build (groups inside a part left out), with the id it is called by. */
export async function readActions(): Promise<Map<string, string>> {
  const manifest: { node: Record<string, Reference> } = await readJson(
    "server-reference-manifest.json",
  );
  return new Map(
    Object.entries(manifest.node).map(([id, { filename, exportedName }]) => [
      `${filename
        .replace(/^app\//, "")
        .replace("(console)/console/", "")
        .replaceAll(/\/\([^)]*\)/g, "")}#${exportedName}`,
      id,
    ]),
  );
}
