import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { newEventId } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, probe, type Scene, seeAllIsWell, send, tryIntake } from "./scene.ts";
import type { See } from "./see.ts";
import type { Stage } from "./stage.ts";

const portOf = (scene: Scene): number => Number(new URL(scene.api.apiUrl).port);

const broken: [what: string, body: string, status: number][] = [
  ["nothing", "", 400],
  ["half a body", '{"events":[{"type":"follow"}', 400],
  ["no events", '{"events":[]}', 400],
  ["equal keys", '{"events":[{"type":"follow","type":"unfollow"}]}', 400],
  ["70 levels", `{"events":[{"type":"a","x":${"[".repeat(70)}${"]".repeat(70)}}]}`, 400],
  ["a megabyte", `{"events":[{"type":"a","x":"${"a".repeat(1_048_576)}"}]}`, 413],
  ["a prototype", '{"__proto__":{"events":[{"type":"a"}]}}', 400],
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

/** Downloads of which nothing is read after the first bytes. */
async function stall(stage: Stage, scene: Scene, count: number): Promise<() => number> {
  const key = await scene.place.newKey();
  let ended = 0;
  for (let number = 0; number < count; number += 1) {
    const socket = connect({ port: portOf(scene), host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      ended += 1;
    });
    socket.once("data", () => socket.pause());
    socket.write(
      `GET /v1/channels/${scene.channelId}/errors.tsv?range=24h HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`,
    );
    stage.after(async () => socket.destroy());
  }
  return () => ended;
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
    done: `bodies that are broken: ${broken.map(([what]) => what).join(", ")}`,
    expected: "400 or 413 each; nothing of it is stored",
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
    done: "200 clients send their bodies a byte at a time",
    expected: "others are accepted meanwhile",
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
    done: "20 clients send their bodies a byte at a time and never come to an end",
    expected: "each is ended by the API within two minutes",
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
    done: "60 clients hang up at any moment of their request and send it again with its key",
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
      await seeAllIsWell(see, scene, accepted);
      const all = await countOf(scene.place, "select count(*) from webhooks");
      see(all === 60, `${all} webhooks of 60 events`);
    },
  },
  {
    name: "same-key-100-times",
    done: "100 requests at once with one Idempotency-Key, and one with other events",
    expected: "one webhook, whose id all are told; 409 to the other",
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const id = newEventId();
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => scene.client.post(scene.channelId, id)),
      );
      const ids = new Set(answers.map((answer) => String(answer.json().webhookId)));
      see(ids.size === 1, `100 answers, ${ids.size} webhook`);
      const headers = { "idempotency-key": id };
      const other = await scene.client.post(scene.channelId, newEventId(), { headers });
      see(other.status === 409, `other events under the key: ${other.status}`);
      await seeAllIsWell(see, scene, [...ids]);
    },
  },
  {
    name: "clients-idle",
    done: "500 clients open a connection and say nothing",
    expected: "others are accepted meanwhile",
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
    done: "500 requests with keys that nobody has, among others with the right one",
    expected: "401 each; the right ones are accepted",
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
      see(statuses.join() === "401", `answers to the wrong ones: ${statuses.join(", ")}`);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "downloads-stalled",
    done: "8 clients begin to download 280,000 rows and read no further for 20 s",
    expected: "none holds a transaction open for more than 15 s; intake and /readyz are as before",
    run: (stage, see) => stallDownloads(stage, see, 20_000),
  },
  {
    name: "downloads-stalled-for-ever",
    done: "4 clients begin to download 280,000 rows and read no further at all",
    expected: "each download is ended within ten minutes",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      await fillErrors(scene, 1_400);
      const ended = await stall(stage, scene, 4);
      const streams = () =>
        countOf(
          scene.place,
          `select count(*) from pg_stat_activity where datname = current_database()
              and application_name like 'tocsin%' and query ilike '%error_rows%' and state <> 'idle'`,
        );
      // A client that does not read cannot see the end either: the database's side tells.
      await until("all are ended", async () => ended() === 4 || (await streams()) === 0, 600_000);
      see((await streams()) === 0, `${await streams()} still hold a statement`);
    },
  },
];
