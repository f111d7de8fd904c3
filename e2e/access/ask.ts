import type { Headers, Ids } from "./world.ts";

export type Answer = { status: number; location: string | null; body: string };

type Request = {
  method?: string | undefined;
  path: string;
  headers?: Headers;
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
      // Thousands of answers: to compress them would take a tenth of the console's work.
      "accept-encoding": "identity",
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

export type Fields = Readonly<Record<string, string | Blob>>;

/** Calls a server action as React does: the state before and the form. */
export function askAction(
  base: string,
  headers: Headers,
  call: { id: string; path: string; fields: Fields },
): Promise<Answer> {
  return ask(base, {
    method: "POST",
    path: call.path,
    headers: { ...headers, "next-action": call.id, accept: "text/x-component" },
    body: actionBody(call.fields),
  });
}

/** The arguments of an action, the state before and the form, as React writes them. */
export function actionBody(fields: Fields): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(`_1_${name}`, value);
  body.append("0", JSON.stringify([{ status: "idle" }, "$K1"]));
  return body;
}

/** The form's state that an action answered with, as its text; null when it answered with something else. */
export function stateOf(answer: Answer): string | null {
  return /"status":"(?:done|refused)"[^\n]*/.exec(answer.body)?.[0] ?? null;
}

/** The address of a page or handler of the build, for what it names. */
export function addressOf(route: string, ids: Ids, token = ""): string {
  const path = route
    .replace(/^[A-Z]+ /, "")
    .replace(/\/(page|route)$/, "")
    .replace("[channelId]", ids.channelId)
    .replace("[providerId]", ids.providerId)
    .replace("[webhookId]", ids.webhookId)
    .replace("[attempt]", "1")
    .replace("[mailId]", ids.mailId)
    .replace("[provider]", "oidc")
    .replace("[token]", token);
  return path === "" ? "/" : path;
}

/** What of an answer a person could tell two ids apart by. */
export function withoutIds(answer: Answer, ids: Ids, token = ""): Answer {
  const known = [...Object.values(ids), token].filter((id) => id !== "");
  const plain = (text: string) =>
    known
      .reduce((left, id) => left.replaceAll(id, "ID"), text)
      // Each answer has its own nonce, and React numbers what it streams as it comes.
      .replace(/nonce="[^"]*"|"nonce":"[^"]*"|'nonce-[^']*'|\\"nonce\\":\\"[^"\\]*\\"/g, "")
      .replace(/"?digest\\?":\\?"[^"\\]*/g, "");
  return { ...answer, location: plain(answer.location ?? ""), body: plain(answer.body) };
}

/** The markup without what React sends along to bring it to life: chunks come in any order. */
export const visible = (body: string): string => body.replace(/<script[\s\S]*?<\/script>/g, "");

export type Outcome = "allowed" | "sign in" | "not found";

/** What the answer to a page, handler or action came to. */
export function outcomeOf(answer: Answer): Outcome | `${number}` {
  const { status, location } = answer;
  if (status === 401 || location?.includes("/sign-in")) return "sign in";
  // A form whose session is over stays as it is.
  if (stateOf(answer)?.includes("You are signed out")) return "sign in";
  if (status === 404) return "not found";
  // Refused by a rule after the question who may.
  if (status < 400 || status === 409 || status === 429) return "allowed";
  return `${status}`;
}
