import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "next-auth/jwt";
import { actionBody } from "#e2e/access/ask.ts";

type Answer = {
  status: number;
  location: string;
  body: string;
  cookies: string[];
  headers: Headers;
};

/** A console as a browser at `origin` reaches it: directly, or behind the proxy that ends TLS. */
export type ConsoleClient = {
  get: (path: string, cookie?: string) => Promise<Answer>;
  post: (path: string, cookie?: string) => Promise<Answer>;
  /** Calls a server action, `<file below app>#<name>`, from the page at `path`. */
  act: (
    action: string,
    path: string,
    fields: Record<string, string>,
    cookie?: string,
  ) => Promise<Answer>;
};

export function createConsoleClient(port: number, origin: string): ConsoleClient {
  const { host, protocol } = new URL(origin);
  const send = async (path: string, cookie: string | undefined, init: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      redirect: "manual",
      headers: {
        origin,
        "accept-language": "en",
        "sec-fetch-site": "same-origin",
        "x-forwarded-host": host,
        "x-forwarded-proto": protocol.slice(0, -1),
        ...(cookie === undefined ? {} : { cookie }),
        ...init.headers,
      },
    });
    const { status, headers } = response;
    const location = headers.get("location") ?? headers.get("x-action-redirect") ?? "";
    const body = await response.text();
    return { status, location, body, cookies: headers.getSetCookie(), headers };
  };
  return {
    get: (path, cookie) => send(path, cookie, {}),
    post: (path, cookie) => send(path, cookie, { method: "POST" }),
    act: async (action, path, fields, cookie) =>
      send(path, cookie, {
        method: "POST",
        headers: { "next-action": await actionId(action), accept: "text/x-component" },
        body: actionBody(fields),
      }),
  };
}

/** The id that browsers call an action by, from the build. @throws Error when there is no such action. */
async function actionId(action: string): Promise<string> {
  const path = join(import.meta.dirname, "../../.next/server/server-reference-manifest.json");
  const { node } = JSON.parse(await readFile(path, "utf8")) as {
    node: Record<string, { filename: string; exportedName: string }>;
  };
  const found = Object.entries(node).find(
    ([, { filename, exportedName }]) => `${filename}#${exportedName}` === `app/${action}`,
  );
  if (found === undefined) throw new Error(`The build has no action ${action}`);
  return found[0];
}

/** A cookie for a session that is there, without signing in. */
export async function sealSessionCookie(name: string, sid: string): Promise<string> {
  const secret = process.env.E2E_AUTH_SECRET ?? "";
  return `${name}=${await encode({ token: { sid }, secret, salt: name })}`;
}
