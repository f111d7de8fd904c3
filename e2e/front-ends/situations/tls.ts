import { startBot } from "#e2e/front-ends/bots/answering-bot.ts";
import type { ProgramName } from "#e2e/front-ends/packages.ts";
import { botHost, certificates, type Place } from "#e2e/front-ends/place.ts";
import { apacheProxy, startApache } from "#e2e/front-ends/servers/apache.ts";
import { startCaddy } from "#e2e/front-ends/servers/caddy.ts";
import { type Ground, ground } from "#e2e/front-ends/servers/front-end.ts";
import { startHaproxy } from "#e2e/front-ends/servers/haproxy.ts";
import { lighttpdProxy, startLighttpd } from "#e2e/front-ends/servers/lighttpd.ts";
import { startNghttpx } from "#e2e/front-ends/servers/nghttpx.ts";
import { nginxProxy, startNginx } from "#e2e/front-ends/servers/nginx.ts";
import { createCertificates, type ServerIdentity } from "#e2e/servers/certificates.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { type Aim, both, delivered, noHandshake, type Situation, status } from "./situation.ts";

type TlsVersion = "1.2" | "1.3";

/** What a server does about TLS beyond its certificate. */
type Wish = { clientCertificates?: string; atMost?: TlsVersion };

type Starter = (place: Place, upstream: number, wish: Wish, on: Ground) => Promise<Aim>;

const nginx: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startNginx(
    place,
    {
      server: `${clientCertificates ? `ssl_verify_client on; ssl_client_certificate ${clientCertificates};` : ""}
    ${atMost === "1.2" ? "ssl_protocols TLSv1.2;" : ""}
    ${nginxProxy(upstream)}`,
    },
    on,
  );

const apache: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startApache(
    place,
    {
      body: apacheProxy(upstream),
      tls: `${clientCertificates ? `SSLVerifyClient require\n  SSLCACertificateFile ${clientCertificates}` : ""}
  ${atMost === "1.2" ? "SSLProtocol TLSv1.2" : ""}`,
    },
    on,
  );

const caddy: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startCaddy(
    place,
    {
      body: `reverse_proxy 127.0.0.1:${upstream}`,
      tls: `${
        clientCertificates
          ? `client_auth {
      mode require_and_verify
      trusted_ca_cert_file ${clientCertificates}
    }`
          : ""
      }
    ${atMost === "1.2" ? "protocols tls1.2 tls1.2" : ""}`,
    },
    on,
  );

const haproxy: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startHaproxy(
    place,
    {
      backend: `server bot 127.0.0.1:${upstream}`,
      bind: `${clientCertificates ? `verify required ca-file ${clientCertificates}` : ""} ${
        atMost === "1.2" ? "ssl-max-ver TLSv1.2" : ""
      }`,
    },
    on,
  );

const lighttpd: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startLighttpd(
    place,
    {
      ...lighttpdProxy(upstream),
      tls: `${
        clientCertificates
          ? `ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "enable"
ssl.verifyclient.ca-file = "${clientCertificates}"`
          : ""
      }
${atMost === "1.2" ? 'ssl.openssl.ssl-conf-cmd = ("MaxProtocol" => "TLSv1.2")' : ""}`,
    },
    on,
  );

const nghttpx: Starter = (place, upstream, { clientCertificates, atMost }, on) =>
  startNghttpx(
    place,
    {
      upstream,
      options: [
        ...(clientCertificates
          ? ["--verify-client", `--verify-client-cacert=${clientCertificates}`]
          : []),
        ...(atMost === "1.2" ? ["--tls-max-proto-version=TLSv1.2"] : []),
      ],
    },
    on,
  );

const starters = { nginx, apache, caddy, haproxy, lighttpd, nghttpx } satisfies Partial<
  Record<ProgramName, Starter>
>;

/** A client certificate demanded: nginx answers with a page, all others break the handshake off. */
const demanded = (["1.2", "1.3"] as const).flatMap((atMost) =>
  Object.entries(starters).map(([name, start]): Situation => {
    const refused = noHandshake("client_certificate_demanded");
    // Under TLS 1.3 the server judges after the client's part of the handshake is over, and has the request by then.
    const late = atMost === "1.3" ? { ...refused, phase: "answer" as const } : refused;
    const expected =
      name === "nginx"
        ? both(status(400, "client_certificate_demanded"))
        : { h1: late, h2: refused };
    return {
      programs: [name as keyof typeof starters],
      what: `a client certificate is required, TLS ${atMost}`,
      expected,
      start: async (place) => {
        const clientCertificates = place.write("clients.pem", certificates.ca);
        const on = await ground(place, name);
        return start(place, await startBot(place), { clientCertificates, atMost }, on);
      },
    };
  }),
);

const others = createCertificates("Somebody else's");

/** Certificates that nobody can trust, each before nginx as before any server. */
const untrusted: Situation[] = (
  [
    ["the certificate has expired", { toDays: -1, fromDays: -20 }, "certificate_expired"],
    ["the certificate is not valid yet", { fromDays: 1 }, "certificate_not_yet_valid"],
    [
      "the certificate is for another name",
      { names: ["www.bot.test"] },
      "certificate_for_other_name",
    ],
    [
      "the intermediate certificate is missing",
      { withoutIntermediate: true },
      "certificate_chain_incomplete",
    ],
  ] as const
).map(([what, options, cause]) =>
  withCertificate(what, certificates.issue({ names: [botHost], ...options }), cause),
);

export const tlsSituations: readonly Situation[] = [
  ...demanded,
  ...untrusted,
  withCertificate(
    "a self-signed certificate",
    certificates.selfSigned([botHost]),
    "certificate_self_signed",
  ),
  withCertificate(
    "a certificate of an unknown authority",
    others.issue({ names: [botHost] }),
    "certificate_chain_incomplete",
  ),
  {
    programs: ["nginx"],
    what: "TLS 1.1 only",
    expected: both(noHandshake("tls_too_old")),
    start: (place) =>
      startNginx(place, {
        server: "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; return 200;",
      }),
  },
  {
    programs: ["nginx"],
    what: "only ciphers that Tocsin does not offer, TLS 1.2",
    expected: both(noHandshake("no_common_cipher")),
    start: (place) =>
      startNginx(place, {
        server: "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-CAMELLIA256-SHA384; return 200;",
      }),
  },
  {
    programs: ["nginx"],
    what: "`ssl_reject_handshake on` for unknown host names",
    expected: both(noHandshake("host_name_unknown_to_server")),
    start: (place) =>
      startNginx(place, {
        server: "",
        servers: ({ ports }) => `server {
    listen 127.0.0.1:${ports.h1} ssl default_server;
    listen 127.0.0.1:${ports.h2} ssl http2 default_server;
    ssl_reject_handshake on;
  }`,
      }),
  },
  {
    programs: ["haproxy"],
    what: "`strict-sni`, and no certificate for the host name",
    expected: both(noHandshake("host_name_unknown_to_server")),
    start: async (place) =>
      startHaproxy(
        place,
        { backend: `server bot 127.0.0.1:${await startBot(place)}`, bind: "strict-sni" },
        await ground(place, "other", certificates.issue({ names: ["other.test"] })),
      ),
  },
  {
    programs: ["caddy"],
    what: "no certificate for the host name",
    expected: both(noHandshake("host_name_perhaps_unknown")),
    start: async (place) => {
      const on = await ground(place, "other", certificates.issue({ names: ["other.test"] }));
      return startCaddy(place, { body: "respond OK", names: ["other.test"] }, on);
    },
  },
  {
    programs: ["apache"],
    what: "an unknown host name: it shows the first virtual host's certificate",
    expected: both(noHandshake("certificate_for_other_name")),
    start: async (place) =>
      startApache(
        place,
        { body: apacheProxy(await startBot(place)) },
        await ground(place, "other", certificates.issue({ names: ["other.test"] })),
      ),
  },
  {
    programs: ["apache"],
    what: "a client certificate is required for one path only, TLS 1.3",
    expected: both(status(403, "blocked_by_rule")),
    start: async (place) => {
      const ca = place.write("clients.pem", certificates.ca);
      const body = `SSLCACertificateFile ${ca}
  <Location /ok>
    SSLVerifyClient require
  </Location>
  ${apacheProxy(await startBot(place))}`;
      return startApache(place, { body });
    },
  },
  {
    programs: ["apache"],
    what: "a client certificate is optional for one path, HTTP/2: sent again over HTTP/1.1",
    expected: both(delivered()),
    start: async (place) => {
      const ca = place.write("clients.pem", certificates.ca);
      const body = `SSLCACertificateFile ${ca}
  <Location /ok>
    SSLVerifyClient optional
  </Location>
  ${apacheProxy(await startBot(place))}`;
      return startApache(place, { body, tls: "SSLProtocol TLSv1.2" });
    },
  },
];

function withCertificate(what: string, identity: ServerIdentity, cause: LikelyCause): Situation {
  return {
    programs: ["nginx"],
    what,
    expected: both(noHandshake(cause)),
    start: async (place) =>
      startNginx(place, { server: "return 200;" }, await ground(place, "nginx", identity)),
  };
}
