import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";

// Debian's own interpreter, whose packages these are.
const python = "/usr/bin/python3";

/** A WSGI program that reads the webhook, except for `/unread`, and answers as its path says. */
const wsgi = `import os, time

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/unread":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"OK"]
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path == "/raise":
        raise KeyError("events")
    if path == "/exit":
        os._exit(1)
    if path == "/slow":
        time.sleep(3)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"OK"]
`;

const asgi = `import os

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while True:
        message = await receive()
        if not message.get("more_body"):
            break
    if scope["path"] == "/raise":
        raise KeyError("events")
    if scope["path"] == "/exit":
        os._exit(1)
    if scope["path"] == "/nothing":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"OK"})
`;

/** gunicorn with one worker over plain http; gives its port. */
export async function startGunicorn(
  place: Place,
  options: readonly string[] = [],
): Promise<number> {
  const port = await ownPort();
  place.write("bot_wsgi.py", wsgi);
  await place.run(
    "gunicorn",
    [
      "gunicorn",
      ...["--bind", `127.0.0.1:${port}`],
      ...["--chdir", place.folder],
      ...["--worker-tmp-dir", place.folder],
      ...options,
      "bot_wsgi:app",
    ],
    [port],
  );
  return port;
}

/** uvicorn over plain http; gives its port. */
export async function startUvicorn(place: Place): Promise<number> {
  const port = await ownPort();
  place.write("bot_asgi.py", asgi);
  await place.run(
    "uvicorn",
    [python, "-m", "uvicorn", "--app-dir", place.folder, "--port", `${port}`, "bot_asgi:app"],
    [port],
  );
  return port;
}

/** Hypercorn, which ends TLS itself; gives its port. */
export async function startHypercorn(
  place: Place,
  { tls, protocols }: { tls: { cert: string; key: string }; protocols: readonly string[] },
): Promise<number> {
  const port = await ownPort();
  place.write("bot_asgi.py", asgi);
  const config = place.write(
    `hypercorn-${port}.toml`,
    `bind = ["127.0.0.1:${port}"]
certfile = "${tls.cert}"
keyfile = "${tls.key}"
alpn_protocols = ${JSON.stringify(protocols)}
worker_class = "asyncio"
`,
  );
  await place.run(
    `hypercorn-${port}`,
    [python, "-m", "hypercorn", "--config", config, "bot_asgi:app"],
    [port],
  );
  return port;
}
