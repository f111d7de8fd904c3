import type { ProgramName } from "#e2e/front-ends/packages.ts";
import type { Place } from "#e2e/front-ends/place.ts";
import { apacheProxy, startApache } from "#e2e/front-ends/servers/apache.ts";
import { startCaddy } from "#e2e/front-ends/servers/caddy.ts";
import type { Ground } from "#e2e/front-ends/servers/front-end.ts";
import { startHaproxy } from "#e2e/front-ends/servers/haproxy.ts";
import { startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { linesBetween, recipe } from "./recipes.ts";

/** One way in which people put a server in front of the console at `upstream`. */
export type SetUp = {
  program: ProgramName;
  /** For people: what its configuration says of the request that it hands on. */
  what: string;
  start: (place: Place, on: Ground, upstream: number) => Promise<unknown>;
};

const nginx = (what: string, location: string, http = ""): SetUp => ({
  program: "nginx",
  what,
  start: (place, on, upstream) => {
    const here = (text: string) => text.replaceAll("UPSTREAM", `127.0.0.1:${upstream}`);
    const server = `location / {\n${here(location)}\n}`;
    return startNginx(place, { http: here(http), server }, on);
  },
});

const apache = (what: string, more: string): SetUp => ({
  program: "apache",
  what,
  start: (place, on, upstream) =>
    startApache(place, { body: `${apacheProxy(upstream)}\n${more}` }, on),
});

const haproxy = (what: string, backend: string): SetUp => ({
  program: "haproxy",
  what,
  start: (place, on, upstream) =>
    startHaproxy(place, { backend: `${backend}\nserver console 127.0.0.1:${upstream}` }, on),
});

const caddy = (what: string, more: string): SetUp => ({
  program: "caddy",
  what,
  start: (place, on, upstream) =>
    startCaddy(place, { body: `reverse_proxy 127.0.0.1:${upstream} {\n${more}\n}` }, on),
});

export const proxies: readonly SetUp[] = [
  {
    program: "nginx",
    what: "the recipe of docs/behind-a-proxy.md",
    start: (place, on, upstream) =>
      startNginx(
        place,
        {
          server: "",
          servers: ({ ports, tls }) =>
            recipe("nginx", upstream)
              .replace("listen 443 ssl http2;", `listen 127.0.0.1:${ports.h2} ssl http2;`)
              .replace("listen", `listen 127.0.0.1:${ports.plain};\n  listen`)
              .replace(/(ssl_certificate) .*;/, `$1 ${tls.cert};`)
              .replace(/(ssl_certificate_key) .*;/, `$1 ${tls.key};`),
        },
        on,
      ),
  },
  nginx("proxy_pass alone", "proxy_pass http://UPSTREAM;"),
  nginx("Host $host", "proxy_pass http://UPSTREAM; proxy_set_header Host $host;"),
  nginx(
    "an upstream with a name that is no host name",
    "proxy_pass http://tocsin_console;",
    "upstream tocsin_console { server UPSTREAM; keepalive 4; }",
  ),
  nginx(
    "the headers of many guides",
    `proxy_pass http://UPSTREAM;
     proxy_http_version 1.1;
     proxy_set_header Upgrade $http_upgrade;
     proxy_set_header Connection "upgrade";
     proxy_set_header Host $host;
     proxy_set_header X-Real-IP $remote_addr;
     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
     proxy_set_header X-Forwarded-Proto $scheme;
     proxy_set_header X-Forwarded-Host $host;
     proxy_set_header X-Forwarded-Port $server_port;`,
  ),
  {
    program: "caddy",
    what: "the recipe of docs/behind-a-proxy.md",
    start: (place, on, upstream) =>
      startCaddy(place, { body: linesBetween(recipe("caddy", upstream), /\{$/, /^\}/) }, on),
  },
  caddy("Host of the console", "header_up Host {upstream_hostport}"),
  {
    program: "haproxy",
    what: "the recipe of docs/behind-a-proxy.md",
    start: (place, on, upstream) => {
      const text = recipe("haproxy", upstream);
      const frontend = linesBetween(text, /bind/, /default_backend/);
      return startHaproxy(
        place,
        { frontend, backend: linesBetween(text, /^backend/, /^$/).replace(/\n+$/, "") },
        on,
      );
    },
  },
  haproxy("forwardfor", "option forwardfor"),
  haproxy("another Host", "http-request set-header Host tocsin.internal"),
  {
    program: "apache",
    what: "the recipe of docs/behind-a-proxy.md",
    start: (place, on, upstream) =>
      startApache(
        place,
        { body: linesBetween(recipe("apache", upstream), /CertificateKeyFile/, /<\/VirtualHost/) },
        on,
      ),
  },
  apache("ProxyPassReverse", ""),
  apache("ProxyPreserveHost", "ProxyPreserveHost On"),
];
