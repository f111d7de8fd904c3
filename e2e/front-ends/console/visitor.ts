import { Agent, type Dispatcher, request } from "undici";

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
};

type Asked = { headers?: Record<string, string>; body?: FormData | undefined; cookie?: string };

/** Somebody whose browser knows one console, by the proxy in front of it. */
export type Visitor = {
  get: (path: string, asked?: Asked) => Promise<Answer>;
  post: (path: string, asked?: Asked) => Promise<Answer>;
  /** The answer while it still comes. */
  open: (path: string, asked?: Asked) => Promise<Dispatcher.ResponseData>;
  leave: () => Promise<void>;
};

/**
 * A visitor of `origin`, whose name leads to this machine. `modern`: its browser says where a request comes from in
 * `Sec-Fetch-Site`; others say it in `Origin` alone.
 */
export function createVisitor(
  origin: string,
  options: { ca: string; http2: boolean; modern: boolean },
): Visitor {
  const agent = new Agent({
    allowH2: options.http2,
    // A stream has as long as its check.
    bodyTimeout: 0,
    connect: {
      ca: options.ca,
      lookup: (_name, how, done) =>
        how.all === true
          ? done(null, [{ address: "127.0.0.1", family: 4 }])
          : done(null, "127.0.0.1", 4),
    },
  });
  const ask = async (method: "GET" | "POST", path: string, asked: Asked = {}) => {
    const { headers, body, cookie } = asked;
    // Node's own makes the bytes: a browser knows their length, too.
    const form = new Response(body ?? null);
    const type = form.headers.get("content-type");
    return request(`${origin}${path}`, {
      dispatcher: agent,
      method,
      headers: {
        ...(type === null ? {} : { "content-type": type }),
        "accept-language": "en",
        ...(options.modern ? { "sec-fetch-site": "same-origin" } : {}),
        ...(method === "POST" ? { origin } : {}),
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      body: body === undefined ? null : new Uint8Array(await form.arrayBuffer()),
    });
  };
  const whole = async (answer: Promise<Dispatcher.ResponseData>): Promise<Answer> => {
    const { statusCode, headers, body } = await answer;
    return { status: statusCode, headers, body: await body.text() };
  };
  return {
    get: (path, asked) => whole(ask("GET", path, asked)),
    post: (path, asked) => whole(ask("POST", path, asked)),
    open: (path, asked) => ask("GET", path, asked),
    leave: () => agent.destroy(),
  };
}

/** The value of a header that comes once. */
export function headerOf({ headers }: Pick<Answer, "headers">, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
}

/** What a browser would send back of the cookies that the answer sets. */
export function cookiesOf({ headers }: Answer): string {
  return [headers["set-cookie"] ?? []]
    .flat()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** The form of a page that has the field, as a browser without JavaScript sends it. */
export function filledForm(page: string, typed: Readonly<Record<string, string>>): FormData {
  const [field = ""] = Object.keys(typed);
  const form = [...page.matchAll(/<form[\s\S]*?<\/form>/g)].find(([text]) =>
    text.includes(`name="${field}"`),
  );
  if (form === undefined) throw new Error(`no form has the field ${field}`);
  const data = new FormData();
  for (const [input] of form[0].matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    if (name !== "") data.append(name, typed[name] ?? attribute(input, "value"));
  }
  return data;
}

function attribute(tag: string, name: string): string {
  const [, value = ""] = new RegExp(`\\b${name}="([^"]*)"`).exec(tag) ?? [];
  return value
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
