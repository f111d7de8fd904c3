import type { Ids, Role, World } from "./world.ts";

export type Answer = { status: number; location: string | null; body: string };

type Request = {
  method?: string;
  path: string;
  cookie: string | null;
  headers?: Record<string, string>;
  body?: FormData;
};

/** One request as a browser of the same site would send it, without following redirects. */
export async function ask(base: string, request: Request): Promise<Answer> {
  const response = await fetch(`${base}${request.path}`, {
    method: request.method ?? "GET",
    redirect: "manual",
    headers: {
      "sec-fetch-site": "same-origin",
      origin: base,
      ...(request.cookie === null ? {} : { cookie: request.cookie }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const location = response.headers.get("location") ?? response.headers.get("x-action-redirect");
  // Events come for as long as somebody listens.
  const isEndless = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (isEndless) await response.body?.cancel();
  const body = isEndless ? "" : await response.text();
  return { status: response.status, location, body };
}

/** Calls a server action as React does: the state before and the form. */
export function askAction(
  base: string,
  cookie: string | null,
  call: { id: string; path: string; fields: Record<string, string> },
): Promise<Answer> {
  return ask(base, {
    method: "POST",
    path: call.path,
    cookie,
    headers: { "next-action": call.id, accept: "text/x-component" },
    body: actionBody(call.fields),
  });
}

/** The arguments of an action, the state before and the form, as React writes them. */
export function actionBody(fields: Record<string, string>): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(`_1_${name}`, value);
  body.append("0", JSON.stringify([{ status: "idle" }, "$K1"]));
  return body;
}

/** The address of a page or handler of the build, for what it names. */
export function addressOf(route: string, ids: Ids): string {
  const path = route
    .replace(/\/(page|route)$/, "")
    .replace("[channelId]", ids.channelId)
    .replace("[providerId]", ids.providerId);
  return path === "" ? "/" : path;
}

/** What of an answer a person could tell two ids apart by. */
export function withoutIds(answer: Answer, ids: Ids): Answer {
  const plain = (text: string) =>
    [ids.channelId, ids.providerId, ids.userId]
      .reduce((left, id) => left.replaceAll(id, "ID"), text)
      // Each answer has its own nonce, and React numbers what it streams as it comes.
      .replace(/nonce="[^"]*"|"nonce":"[^"]*"|'nonce-[^']*'|\\"nonce\\":\\"[^"\\]*\\"/g, "")
      .replace(/"?digest\\?":\\?"[^"\\]*/g, "");
  return { ...answer, location: plain(answer.location ?? ""), body: plain(answer.body) };
}

export type Expectation = "allowed" | "sign in" | "not found";

/** What the answer to a page, handler or action came to. */
export function outcomeOf(answer: Answer): Expectation | `${number}` {
  const { status, location } = answer;
  if (status === 401 || location?.includes("/sign-in")) return "sign in";
  if (status === 404) return "not found";
  // Refused by a rule after the question who may.
  if (status < 400 || status === 409 || status === 429) return "allowed";
  return `${status}`;
}

export function expected(who: readonly Role[], role: Role): Expectation {
  if (who.includes(role)) return "allowed";
  return role === "none" ? "sign in" : "not found";
}

/** To whom a foreign place could be open by mistake: the others hold nothing that these do not. */
const reaching: readonly Role[] = ["none", "stranger", "providerAdmin", "channelAdmin", "operator"];

/** The places that a role asks for. */
export function idsFor(
  world: World,
  role: Role,
): [name: "own" | "foreign" | "unknown", ids: Ids][] {
  if (!reaching.includes(role)) return [["own", world.own]];
  return [
    ["own", world.own],
    ["foreign", world.foreign],
    ["unknown", world.unknown],
  ];
}
