import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { themes } from "#lib/accounts/theme.ts";
import { isLocale, type Locale, preferredLocale } from "#lib/messages/locales.ts";
import { localeCookie, themeCookie } from "./cookies.ts";
import type { Jar } from "./cookies-in.ts";
import { nonceOf } from "./security-headers.ts";

type Page = {
  headers: Record<string, string>;
  /** `path`: plain words between slashes. */
  fill: (path: string, nonce: string) => string;
};

/** Of the answer that a page is taken from, these are of that answer alone. */
const ofOne = new Set([
  ...["connection", "content-encoding", "content-length", "content-security-policy"],
  ...["date", "keep-alive", "transfer-encoding"],
]);

/**
 * The page of what is not there, which but for its nonce and path is always the same in one language and theme: asked of Next once
 * each, for a path that nobody else asks for.
 */
export function createNothingHere() {
  const samplePath = `/nothing-${randomBytes(12).toString("hex")}`;
  /** Null while it is asked for, and where it is not as it is known here: then Next makes each of them. */
  const pages = new Map<string, Page | null>();
  return {
    isSample: (url: string): boolean => url === samplePath,
    pageFor: ({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">, jar: Jar) => {
      const locale = localeOf(jar, headers["accept-language"]);
      const chosen = jar.get(themeCookie)?.value;
      const theme = themes.find((one) => one === chosen) ?? "system";
      const key = `${locale} ${theme}`;
      const known = pages.get(key);
      if (known !== undefined) return known;
      pages.set(key, null);
      const cookie = `${localeCookie}=${locale}; ${themeCookie}=${theme}`;
      askFor(`http://127.0.0.1:${socket.localPort}${samplePath}`, { samplePath, cookie }).then(
        (page) => pages.set(key, page),
        () => pages.delete(key),
      );
      return null;
    },
  };
}

function localeOf(jar: Jar, language: string | undefined): Locale {
  const chosen = jar.get(localeCookie)?.value;
  return isLocale(chosen) ? chosen : preferredLocale(language ?? null);
}

async function askFor(
  url: string,
  { samplePath, cookie }: { samplePath: string; cookie: string },
): Promise<Page | null> {
  const response = await fetch(url, { headers: { cookie } });
  const text = await response.text();
  if (response.status !== 404) return null;
  const nonce = nonceOf(response.headers);
  const fill = nonce === undefined ? null : readTemplate(text, { samplePath, nonce });
  if (fill === null) return null;
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ofOne.has(name)));
  return { headers, fill };
}

const nonceMark = "\u0000nonce";
const pathMark = "\u0000path";

/** What fills a page anew that was made for `samplePath` with `nonce`; null where it names the path elsewhere than expected. */
export function readTemplate(
  page: string,
  { samplePath, nonce }: { samplePath: string; nonce: string },
): Page["fill"] | null {
  const marked = page.replaceAll(nonce, nonceMark).replaceAll(pathAsSent(samplePath), pathMark);
  if (marked.split(pathMark).length !== 2 || marked.includes(samplePath.slice(1))) return null;
  return (path, other) =>
    marked.replace(pathMark, () => pathAsSent(path)).replaceAll(nonceMark, () => other);
}

/** As Next writes it into a page's script: the words of the path, a list within a text. */
const pathAsSent = (path: string): string => {
  const words = JSON.stringify(JSON.stringify(path.split("/"))).slice(1, -1);
  return `\\"c\\":${words}`;
};
