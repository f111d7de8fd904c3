import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { newEventId } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, probe, type Scene, send, tryIntake } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

const portOf = (scene: Scene): number => Number(new URL(scene.api.apiUrl).port);

const broken: [what: string, body: string, status: number][] = [
  ["an empty body", "", 400],
  ["half a body", '{"events":[{"type":"follow"}', 400],
  ["no events", '{"events":[]}', 400],
  ["duplicate names", '{"events":[{"type":"follow","type":"unfollow"}]}', 400],
  ["70 levels deep", `{"events":[{"type":"a","x":${"[".repeat(70)}${"]".repeat(70)}}]}`, 400],
  ["a megabyte", `{"events":[{"type":"a","x":"${"a".repeat(1_048_576)}"}]}`, 413],
  ["events under `__proto__`", '{"__proto__":{"events":[{"type":"a"}]}}', 400],
];

async function sendBroken(scene: Scene, body: string): Promise<number> {
  const answer = await fetch(`${scene.api.apiUrl}/v1/channels/${scene.channelId}/webhooks`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await scene.place.newKey()}`,
      "content-type": "application/json",
    },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Clients that open a request and send a byte now and then. */
function dripRequests(stage: Stage, scene: Scene, count: number): () => number {
  let ended = 0;
  for (let number = 0; number < count; number += 1) {
    const socket = connect({ port: portOf(scene), host: "127.0.0.1" });
    socket.write(
      `POST /v1/channels/${scene.channelId}/webhooks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`,
    );
    const timer = setInterval(() => socket.write(" "), 500);
    socket.on("error", () => undefined);
    socket.resume();
    socket.on("close", () => {
      ended += 1;
      clearInterval(timer);
    });
    stage.after(async () => socket.destroy());
  }
  return () => ended;
}

/** So much to download that it fits into no buffer on the way. */
const fillErrors = (scene: Scene, minutes: number) =>
  scene.place.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, 1, 1, minute, minute
       from generate_series(1, $2::int) as number,
            generate_series(400, 599) as code,
            lateral (select date_trunc('minute', now()) - number * interval '1 minute' as minute) at`,
    [scene.channelId, minutes],
  );

/** Files that the API sends at a time; the next wait for their turn (lib/database-uses.ts). */
const servedAtOnce = 4;

/** Downloads that have begun, as many as do at a time, and of which nothing is read after the first bytes. */
async function stall(stage: Stage, scene: Scene, count: number): Promise<Socket[]> {
  // Each with a key of its own: one reader gets two at a time.
  const keys = await Promise.all(Array.from({ length: count }, scene.place.newKey));
  let begun = 0;
  const sockets = keys.map((key) => {
    const socket = connect({ port: portOf(scene), host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      if (chunk.toString("latin1").startsWith("HTTP/1.1 200")) begun += 1;
    });
    socket.write(
      `GET /v1/channels/${scene.channelId}/errors.tsv?range=24h HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`,
    );
    stage.after(async () => socket.destroy());
    return socket;
  });
  const first = Math.min(count, servedAtOnce);
  await until(`${first} downloads have begun`, () => begun >= first);
  return sockets;
}

/** Reads what is left; whether it came to its end, or was broken off. */
async function readRest(socket: Socket): Promise<"whole" | "broken off"> {
  let tail = "";
  socket.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("latin1")).slice(-5);
  });
  socket.resume();
  const isWhole = () => tail === "0\r\n\r\n";
  await until("the rest has come", () => socket.closed || isWhole());
  return isWhole() ? "whole" : "broken off";
}

async function stallDownloads(stage: Stage, see: See, stalledMs: number): Promise<void> {
  const scene = await openScene(stage, { apart: true });
  await fillErrors(scene, 1_400);
  await stall(stage, scene, 8);
  await pause(stalledMs);
  const old = await countOf(
    scene.place,
    `select count(*) from pg_stat_activity where datname = current_database()
        and application_name like 'tocsin%' and xact_start < clock_timestamp() - interval '15 seconds'`,
  );
  see(old === 0, `${old} transactions older than 15 s`);
  const { status, words } = await tryIntake(scene.client, scene.channelId, 15_000);
  see(status === 202, `intake: ${words}`);
  const ready = await probe(scene.api, "/readyz");
  see(ready === 200, `/readyz ${ready}`);
}

export const requestFaults: readonly Fault[] = [
  {
    name: "bodies-broken",
    done: `broken bodies: ${broken.map(([what]) => what).join(", ")}`,
    expected: "each is answered with 400 or 413; nothing is stored",
    run: async (stage, see) => {
      const scene = await openScene(stage);
      for (const [what, body, expected] of broken) {
        const status = await sendBroken(scene, body);
        see(status === expected, `${what}: ${status}`);
      }
      const stored = await countOf(
        scene.place,
        "select (select count(*) from webhook_queue) + (select count(*) from webhooks)",
      );
      see(stored === 0, `${stored} stored`);
    },
  },
  {
    name: "uploads-slow",
    done: "200 clients send their bodies one byte at a time",
    expected: "other clients' events are accepted",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      dripRequests(stage, scene, 200);
      const accepted = await send(scene.client, scene.channelId, 50);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "uploads-endless",
    done: "20 clients send their bodies one byte at a time and never finish",
    expected: "the API ends each of them within three minutes",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const ended = dripRequests(stage, scene, 20);
      await until("all are ended", () => ended() === 20, 180_000);
      see(ended() === 20, `${ended()} of 20 ended`);
    },
  },
  {
    name: "clients-leave",
    done: "60 clients hang up at different moments of their request, then send it again with the same key",
    expected: "each event is one webhook",
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const ids = Array.from({ length: 60 }, newEventId);
      await Promise.all(
        ids.map((id, number) =>
          scene.client.post(scene.channelId, id, { limitMs: 1 + number }).catch(() => undefined),
        ),
      );
      const answers = await Promise.all(ids.map((id) => scene.client.post(scene.channelId, id)));
      const accepted = answers.map((answer) => String(answer.json().webhookId));
      await seeAllIsWell(see, scene, accepted, { isUncut: true });
      const all = await countOf(scene.place, "select count(*) from webhooks");
      see(all === 60, `60 events, ${all} webhooks`);
    },
  },
  {
    name: "same-key-100-times",
    done: "100 requests with one Idempotency-Key arrive at once; another has different events under it",
    expected: "one webhook, whose id is in all 100 answers; 409 for the other request",
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const id = newEventId();
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => scene.client.post(scene.channelId, id)),
      );
      const ids = new Set(answers.map((answer) => String(answer.json().webhookId)));
      see(ids.size === 1, `100 answers, ${ids.size} ${ids.size === 1 ? "webhook" : "webhooks"}`);
      const headers = { "idempotency-key": id };
      const other = await scene.client.post(scene.channelId, newEventId(), { headers });
      see(other.status === 409, `different events: ${other.status}`);
      await seeAllIsWell(see, scene, [...ids], { isUncut: true });
    },
  },
  {
    name: "clients-idle",
    done: "500 clients connect and say nothing",
    expected: "other clients' events are accepted",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      for (let number = 0; number < 500; number += 1) {
        const socket = connect({ port: portOf(scene), host: "127.0.0.1" });
        socket.on("error", () => undefined);
        stage.after(async () => socket.destroy());
      }
      const accepted = await send(scene.client, scene.channelId, 50);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "keys-wrong",
    done: "500 requests with invalid keys arrive among valid ones",
    expected: "401 for each of them; the valid ones are accepted",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const wrong = Array.from({ length: 500 }, (_, number) =>
        scene.client.ask(
          "POST",
          `/v1/channels/${scene.channelId}/webhooks`,
          { events: [] },
          {
            headers: { authorization: `Bearer tpk_${number}` },
          },
        ),
      );
      const accepted = await send(scene.client, scene.channelId, 20);
      const statuses = [...new Set((await Promise.all(wrong)).map(({ status }) => status))];
      see(statuses.join() === "401", `invalid keys: ${statuses.join(", ")}`);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "downloads-stalled",
    done: "8 clients start to download 280,000 rows and stop reading for 20 s",
    expected: "no transaction stays open for more than 15 s; intake and /readyz work",
    run: (stage, see) => stallDownloads(stage, see, 20_000),
  },
  {
    name: "downloads-stalled-for-ever",
    done: "4 clients start to download 280,000 rows and read nothing for two minutes",
    expected: "the API has broken off each download",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      await fillErrors(scene, 1_400);
      const sockets = await stall(stage, scene, 4);
      // The API waits a minute for a reader (lib/reader-pace.ts); one that does not read cannot see the end.
      await pause(120_000);
      const ends = await Promise.all(sockets.map(readRest));
      const broken = ends.filter((end) => end === "broken off").length;
      see(broken === 4, `${broken} of 4 broken off`);
    },
  },
];
