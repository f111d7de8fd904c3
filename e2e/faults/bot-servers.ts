import { writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { until } from "#e2e/harness/until.ts";
import type { ServerIdentity } from "#e2e/servers/certificates.ts";
import { startDnsServer } from "#e2e/servers/dns-server.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import type { TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, type Scene, send, tryIntake } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import { patient, type Stage } from "./stage.ts";

/** What stands where the bot should be; `mend` puts the bot there. */
type Front = { url: string; mend: () => Promise<void> | void };
type Build = (stage: Stage, bot: TruthBotServer) => Promise<Front>;

const portOf = (url: string): number => Number(new URL(url).port);

function pipe(near: Socket, port: number): void {
  const far = connect({ port, host: "127.0.0.1" });
  far.on("error", () => near.destroy());
  near.on("error", () => far.destroy());
  near.pipe(far).pipe(near);
}

/** A TCP server that does `wrong` with each connection, until it is mended and hands them to the bot. */
const wrongAnswer =
  (wrong: (socket: Socket) => void, identity?: (stage: Stage) => ServerIdentity): Build =>
  async (stage, bot) => {
    let isMended = false;
    const take = (socket: Socket): void => {
      socket.on("error", () => undefined);
      if (isMended) pipe(socket, portOf(bot.url));
      else wrong(socket);
    };
    const given = identity?.(stage);
    const server = given === undefined ? createServer(take) : createTlsServer(given, take);
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    const port = await freePort();
    await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
    stage.after(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return {
      url: `${given === undefined ? "http" : "https"}://localhost:${port}/webhook`,
      mend: () => {
        isMended = true;
        if (given !== undefined && "setSecureContext" in server) {
          server.setSecureContext(stage.certificates.issue({ names: ["localhost"] }));
        }
        for (const socket of sockets) socket.destroy();
      },
    };
  };

/** Nothing listens there until it is mended. */
const nobodyThere: Build = async (stage, bot) => {
  const port = await freePort();
  return {
    url: `http://localhost:${port}/webhook`,
    mend: async () => {
      const server = createServer((socket) => pipe(socket, portOf(bot.url)));
      await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
      stage.after(async () => server.close());
    },
  };
};

const afterRequest =
  (answer: (socket: Socket) => void) =>
  (socket: Socket): void => {
    socket.once("data", () => answer(socket));
  };

const drip = (socket: Socket): void => {
  socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
  const timer = setInterval(() => socket.write("."), 100);
  socket.on("close", () => clearInterval(timer));
};

/** Fails, is counted as what it is, and arrives when the bot server is mended; a healthy channel beside it sees nothing of it. */
function provoke(row: {
  name: string;
  done: string;
  reason: string;
  detail?: string;
  build: Build;
}): Fault {
  const { name, done, reason, detail, build } = row;
  return {
    name: `bot-${name}`,
    done,
    expected: `\`${reason}\`${detail === undefined ? "" : `, "${detail}"`}; redelivered until it works; other channels are not affected`,
    run: async (stage, see) => {
      const { place, client } = await stage.shared();
      const [bot, healthyBot] = [await stage.newBot(), await stage.newBot()];
      const front = await build(stage, bot);
      const channelId = await place.makeChannel(client, { webhookUrl: front.url });
      const healthy = await place.makeChannel(client, { webhookUrl: healthyBot.url });
      const accepted = await send(client, channelId, 3);
      await seeCounted(see, {
        place,
        channelId,
        reason,
        ...(detail === undefined ? {} : { detail }),
      });
      const beside = await send(client, healthy, 20);
      await seeAllIsWell(() => undefined, { place, channelId: healthy, bot: healthyBot }, beside);
      const errors = await countOf(
        place,
        "select count(*) from webhook_errors where channel_id = $1 and reason <> 'request_timeout'",
        healthy,
      );
      see(errors === 0, `${errors} errors of another channel`);
      await front.mend();
      await seeAllIsWell(see, { place, channelId }, accepted, { isUncut: true });
    },
  };
}

async function seeCounted(
  see: See,
  given: { place: Scene["place"]; channelId: string; reason: string; detail?: string },
): Promise<void> {
  const { place, channelId } = given;
  const count = () =>
    countOf(place, "select count(*) from webhook_errors where channel_id = $1", channelId);
  await until("errors are counted", async () => (await count()) >= 3);
  const { rows } = await place.pool.query<{ reason: string; detail: string }>(
    "select distinct reason::text as reason, detail from webhook_errors where channel_id = $1",
    [channelId],
  );
  const isRight = rows.every(
    ({ reason, detail }) =>
      reason === given.reason && (given.detail === undefined || detail === given.detail),
  );
  see(isRight, rows.map(({ reason, detail }) => `${reason} "${detail}"`).join(", "));
}

const localhost = { names: ["localhost"] };

export const botServerFaults: readonly Fault[] = [
  provoke({
    ...{ name: "gone", done: "the bot server is down" },
    ...{ reason: "could_not_connect", detail: "Connection failed", build: nobodyThere },
  }),
  provoke({
    ...{ name: "hangs", done: "the bot server accepts and never answers" },
    ...{ reason: "request_timeout", detail: "Request timeout" },
    build: wrongAnswer(() => undefined),
  }),
  provoke({
    ...{ name: "drips", done: "the bot server sends its headers byte by byte and never finishes" },
    ...{ reason: "request_timeout", detail: "Request timeout" },
    build: wrongAnswer(afterRequest(drip)),
  }),
  provoke({
    ...{ name: "cuts", done: "the bot server reads the request and resets the connection" },
    reason: "unclassified",
    build: wrongAnswer(afterRequest((socket) => socket.resetAndDestroy())),
  }),
  provoke({
    ...{ name: "hangs-up", done: "the bot server reads the request and closes the connection" },
    reason: "unclassified",
    build: wrongAnswer(afterRequest((socket) => socket.end())),
  }),
  provoke({
    ...{ name: "babbles", done: "the bot server's answer is not HTTP" },
    ...{ reason: "unclassified", detail: "Unclassified webhook dispatch error" },
    build: wrongAnswer(afterRequest((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"))),
  }),
  provoke({
    ...{ name: "redirects", done: "the bot server redirects to an internal address" },
    ...{ reason: "error_status_code", detail: "302" },
    build: wrongAnswer(
      afterRequest((socket) =>
        socket.end(
          "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        ),
      ),
    ),
  }),
  provoke({
    ...{
      name: "certificate-expires",
      done: "the bot server's certificate has expired; later it is renewed",
    },
    ...{ reason: "could_not_connect", detail: "TLS handshake failure" },
    build: wrongAnswer(
      (socket) => socket.destroy(),
      ({ certificates }) => certificates.issue({ ...localhost, fromDays: -9, toDays: -1 }),
    ),
  }),
  provoke({
    ...{
      name: "certificate-of-another",
      done: "the bot server's certificate is for another name",
    },
    ...{ reason: "could_not_connect", detail: "TLS handshake failure" },
    build: wrongAnswer(
      (socket) => socket.destroy(),
      ({ certificates }) => certificates.issue({ names: ["another.example"] }),
    ),
  }),
  provoke({
    ...{
      name: "certificate-chain-broken",
      done: "the bot server does not send its intermediate certificate",
    },
    ...{ reason: "could_not_connect", detail: "TLS handshake failure" },
    build: wrongAnswer(
      (socket) => socket.destroy(),
      ({ certificates }) => certificates.issue({ ...localhost, withoutIntermediate: true }),
    ),
  }),
  {
    name: "bot-asks-to-wait",
    done: "the bot server answers 503 with `Retry-After: 4`; the schedule says 1 s",
    expected: "the redelivery comes no sooner than 4 s later",
    run: async (stage, see) => {
      const { place, client } = await stage.shared();
      const times: number[] = [];
      const { createServer: createHttpServer } = await import("node:http");
      const server = createHttpServer((request, response) => {
        request.resume();
        times.push(performance.now());
        if (times.length === 1) response.writeHead(503, { "retry-after": "4" }).end();
        else response.writeHead(200).end();
      });
      const port = await freePort();
      await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
      stage.after(async () => server.close());
      const webhookUrl = `http://127.0.0.1:${port}/webhook`;
      const channelId = await place.makeChannel(client, { webhookUrl });
      const accepted = await send(client, channelId, 1);
      await seeAllIsWell(see, { place, channelId }, accepted, { isUncut: true });
      const [first = 0, second = 0] = times;
      see(
        second - first >= 3_990,
        `redelivered ${second - first >= 3_990 ? "after at least 4 s" : "too early"}`,
      );
    },
  },
  {
    name: "bot-is-gone-for-good",
    done: "the bot server answers 410",
    expected: "each webhook is stopped after one attempt",
    run: async (stage, see) => {
      const { place, client } = await stage.shared();
      const bot = await stage.newBot();
      bot.decide = () => 410;
      const channelId = await place.makeChannel(client, { webhookUrl: bot.url });
      const accepted = await send(client, channelId, 5);
      await seeAllIsWell(see, { place, channelId, bot }, accepted, {
        ...{ endings: ["stopped"], isUncut: true },
      });
      const refused = await countOf(
        place,
        "select count(*) from webhook_errors where channel_id = $1 and detail = '410'",
        channelId,
      );
      see(refused === 5, `${refused} answers of 410`);
    },
  },
  {
    name: "bot-half-hangs",
    done: "the bot server never answers every other request",
    expected: "each of them is one timeout, and is delivered later; nothing is lost",
    run: async (stage, see) => {
      const { place, client } = await stage.shared();
      const bot = await stage.newBot();
      bot.decide = (arrival) =>
        arrival.isRedelivery || bot.arrivals.length % 2 === 0 ? 200 : null;
      const channelId = await place.makeChannel(client, { webhookUrl: bot.url });
      const accepted = await send(client, channelId, 60);
      await seeAllIsWell(see, { place, channelId, bot }, accepted, { isUncut: true });
      const held = bot.arrivals.filter(({ statusCode }) => statusCode === null).length;
      const errors = await countOf(
        place,
        "select count(*) from webhook_errors where channel_id = $1 and reason = 'request_timeout'",
        channelId,
      );
      see(held > 0 && errors === held, `${held} never answered, ${errors} timeouts counted`);
    },
  },
  {
    name: "bot-inside",
    done: "a webhook URL points at the cloud's metadata address",
    expected: "Tocsin refuses to save it",
    run: async (stage, see) => {
      const { client, channelId } = await stage.shared();
      const answer = await client.ask("PATCH", `/v1/channels/${channelId}`, {
        webhookUrl: "http://169.254.169.254/latest",
      });
      see(answer.status === 400, `${answer.status} ${answer.text.slice(0, 120)}`);
    },
  },
  {
    name: "names-gone",
    done: "the machine's name server stops knowing any name, then recovers",
    expected:
      '`could_not_connect`, "Unknown host"; intake goes on; everything is delivered in the end',
    needsRoot: true,
    run: async (stage, see) => {
      // An address of loopback that nothing else of this machine asks.
      const host = "127.97.0.53";
      const names = await startDnsServer({ host, port: 53 });
      stage.after(names.close);
      const folder = await stage.newFolder();
      const file = join(folder, "resolv.conf");
      await writeFile(file, `nameserver ${host}\n`);
      const scene = await openScene(stage, {
        env: patient,
        within: [
          "unshare",
          "--mount",
          "sh",
          "-c",
          `mount --bind ${file} /etc/resolv.conf && exec "$@"`,
          "sh",
        ],
      });
      const url = `http://bot.example:${portOf(scene.bot.url)}/webhook`;
      names.set("bot.example", ["127.0.0.1"]);
      const channelId = await scene.place.makeChannel(scene.client, { webhookUrl: url });
      const accepted = await send(scene.client, channelId, 3);
      await until("the first are delivered", () => scene.bot.arrivals.length === 3);
      names.set("bot.example", "NXDOMAIN");
      // Over a connection that is still open nobody's name is asked for; unused ones end after 4 s.
      await pause(6_000);
      accepted.push(...(await send(scene.client, channelId, 3)));
      await seeCounted(see, {
        ...{ place: scene.place, channelId },
        ...{ reason: "could_not_connect", detail: "Unknown host" },
      });
      const { status, words, webhookId } = await tryIntake(scene.client, channelId, 15_000);
      see(status === 202, `intake meanwhile: ${words}`);
      if (webhookId !== null) accepted.push(webhookId);
      names.set("bot.example", ["127.0.0.1"]);
      await seeAllIsWell(see, { place: scene.place, channelId, bot: scene.bot }, accepted);
    },
  },
];
