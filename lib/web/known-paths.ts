import { readFile } from "node:fs/promises";

/** As Next writes it into a build. */
type Route = { regex: string };
type Manifest = { staticRoutes: readonly Route[]; dynamicRoutes: readonly Route[] };

/** Words between slashes, as people and programs that try addresses write them; nothing that Next could read in its own way. */
const plainPath = /^(\/\.?[\w-]+(\.[\w-]+)*)+$/;
const plainLengthMax = 300;
/** Next's own, and data of its pages; what lies in public/ besides. */
const notOurs = /^\/_next(\/|$)|\.(rsc|txt|json|svg|png|ico|webmanifest)$/i;

/** Whether a build surely has nothing at a path. Null where there is no build, as in development. */
export async function readUnknown(
  path = ".next/routes-manifest.json",
): Promise<((pathname: string) => boolean) | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  const { staticRoutes, dynamicRoutes }: Manifest = JSON.parse(text);
  const known = [...staticRoutes, ...dynamicRoutes].map(({ regex }) => new RegExp(regex, "i"));
  return (pathname) =>
    pathname.length <= plainLengthMax &&
    plainPath.test(pathname) &&
    !notOurs.test(pathname) &&
    !known.some((route) => route.test(pathname));
}
