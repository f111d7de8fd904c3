export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  json: () => Record<string, unknown>;
  tookMs: number;
};

export type Asking = { headers?: Record<string, string>; limitMs?: number };

/** The platform API as one of the platform's services calls it. */
export type PlatformClient = {
  ask: (method: string, path: string, body?: object | string, asking?: Asking) => Promise<Answer>;
  /** One event; its id is its Idempotency-Key as well. */
  post: (channelId: string, eventId: string, asking?: Asking) => Promise<Answer>;
};

/** `apiUrl` is asked before each request: a process that was begun anew may stand elsewhere. */
export function platformClient(apiUrl: () => string, key: string): PlatformClient {
  const ask: PlatformClient["ask"] = async (method, path, body, asking = {}) => {
    const begun = performance.now();
    const isText = typeof body === "string";
    const response = await fetch(apiUrl() + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined
          ? {}
          : { "content-type": isText ? "application/x-ndjson" : "application/json" }),
        ...asking.headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(asking.limitMs ?? 60_000),
    });
    const text = await response.text();
    const { status, headers } = response;
    return {
      ...{ status, headers, text, tookMs: performance.now() - begun },
      json: () => JSON.parse(text),
    };
  };
  return {
    ask,
    post: (channelId, eventId, asking = {}) =>
      ask(
        "POST",
        `/v1/channels/${channelId}/webhooks`,
        { events: [{ type: "follow", webhookEventId: eventId }] },
        { ...asking, headers: { "idempotency-key": eventId, ...asking.headers } },
      ),
  };
}

let made = 0;

/** A ULID, unique within this process. */
export const newEventId = (): string => `01JD${String(made++).padStart(22, "0")}`;
