// npm run bench:limits -- --port 3250 --data-dir .data [--rows 1000000]
// Against a running Tocsin that you may fill with test data: how long others wait while one person asks for too much, and how much
// processor time each refusal costs the console. The first run fills it.
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encode } from "next-auth/jwt";
import { machine, median, printTable } from "#bench/support/figures.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { openDatabase } from "#lib/db.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3000" },
    "data-dir": { type: "string", default: ".data" },
    rows: { type: "string", default: "1000000" },
  },
});
const base = `http://localhost:${values.port}`;
const dayMs = 86_400_000;
const channelName = "bench:limits";

const read = async (file: string) =>
  JSON.parse(await readFile(join(values["data-dir"], file), "utf8")) as Record<string, string>;
const { databaseUrl = "" } = await read("runtime.json");
const { authSecret = "" } = await read("secrets.json");
const { db, pool, close } = openDatabase(databaseUrl);
const pid = await consolePid();

console.log(machine());
const { channelId, one, other } = await fill();
const errors = `/console/channel/${channelId}/statistics/errors`;
const heavy = `${errors}?range=30d&sort=errors&by=detail`;
const log = `/console/channel/${channelId}/statistics/deliveries?range=30d&type=nothing`;
const live = `/console/channel/${channelId}/statistics/live?topic=errors`;
await ask(errors, other);

const rows: string[][] = [];
// An answer that nobody keeps is closed with the garbage, and its line with it.
const held: Response[] = [];
await during("a form of 17,900 fields, three at once", () => many(3, () => sendForm(17_900)));
await during("20 views of the errors of 30 days", () => many(20, () => ask(heavy, one)));
await during("20 searches of the log", () => many(20, () => ask(log, one)));
await during("1,000 requests for the live line", async () => {
  const lines = await Promise.all(Array.from({ length: 12 }, () => hold(live, one)));
  const statuses = await many(1_000, () => ask(live, one));
  await Promise.all(lines.map((line) => line.body?.cancel()));
  return statuses;
});
printTable(
  [
    "while",
    "answers",
    "takes, s",
    "processor, ms each",
    "others wait, s (median, longest)",
    "others' answers",
  ],
  rows,
);
await close();

/** Another person looks at pages one after the other while `work` is done. */
async function during(name: string, work: () => Promise<string[]>): Promise<void> {
  const state = { isOver: false };
  const waits: number[] = [];
  const answers: string[] = [];
  const cpu = await cpuMs();
  const start = performance.now();
  const looking = (async () => {
    while (!state.isOver) {
      const from = performance.now();
      answers.push(await ask(errors, other));
      waits.push((performance.now() - from) / 1_000);
    }
  })();
  const statuses = await work();
  state.isOver = true;
  const seconds = (performance.now() - start) / 1_000;
  const used = (await cpuMs()) - cpu;
  await looking;
  rows.push([
    name,
    tally(statuses),
    seconds.toFixed(1),
    (used / statuses.length).toFixed(1),
    `${median(waits).toFixed(2)}, ${Math.max(...waits).toFixed(2)}`,
    tally(answers),
  ]);
}

function many(count: number, work: () => Promise<string>): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, work));
}

function tally(statuses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} × ${status}`).join(", ");
}

/** The status, and what stands in the page instead of what was asked for. */
async function ask(path: string, cookie: string): Promise<string> {
  try {
    const response = await fetch(base + path, { headers: { cookie }, redirect: "manual" });
    const body = await response.text();
    const busy = body.includes('data-busy="') ? " (busy)" : "";
    const failed = body.includes("data-dgst") || body.includes('"digest"') ? " (failed)" : "";
    return `${response.status}${busy}${failed}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function hold(path: string, cookie: string): Promise<Response> {
  const response = await fetch(base + path, { headers: { cookie } });
  held.push(response);
  return response;
}

/** As a browser sends the sign-in form, with empty fields more, as many as fit into the megabyte that a form may have. */
async function sendForm(fields: number): Promise<string> {
  const page = await (await fetch(`${base}/sign-in`)).text();
  const form = page.split("<form").find((part) => part.includes('name="password"')) ?? "";
  const action = /&quot;id&quot;:&quot;([0-9a-f]+)&quot;/.exec(form)?.[1] ?? "";
  const part = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const empty = Array.from({ length: fields }, (_, index) => part(`_1_${index.toString(36)}`, ""));
  const body = [
    ...[part("_1_email", "a@example.com"), part("_1_password", "x"), ...empty],
    ...[part("0", '[{"status":"idle"},"$K1"]'), "--b--\r\n"],
  ].join("");
  const response = await fetch(`${base}/sign-in`, {
    method: "POST",
    body,
    headers: {
      "content-type": "multipart/form-data; boundary=b",
      "next-action": action,
      "sec-fetch-site": "same-origin",
      origin: base,
    },
  });
  await response.text();
  return String(response.status);
}

async function fill() {
  const found = await db.channel.findFirst({ where: { name: channelName }, select: { id: true } });
  const channel = found ?? (await makeChannel());
  const people = await Promise.all([createUser(db), createUser(db)]);
  const cookies = await Promise.all(
    people.map(async ({ id }) => {
      await createMember(db, channel.id, { userId: id, role: "admin" });
      const sid = await openSession(db, id, { userAgent: "bench" });
      const salt = "tocsin.session";
      return `${salt}=${await encode({ token: { sid }, secret: authSecret, salt })}`;
    }),
  );
  const [first = "", second = ""] = cookies;
  return { channelId: channel.id, one: first, other: second };
}

async function makeChannel() {
  const from = new Date(Date.now() - 30 * dayMs);
  const channel = await createChannel(db, {
    name: channelName,
    errorStatisticsAggregation: true,
    createdAt: from,
  });
  const details = Math.ceil(Number(values.rows) / (30 * 1_440));
  await pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, code - 499, 1, minute + interval '1.2 s', minute + interval '47.9 s'
       from generate_series(date_trunc('minute', now()) - interval '30 days', now() - interval '1 minute', interval '1 minute') as minute,
            generate_series(500, 499 + $2::int) as code`,
    [channel.id, details],
  );
  await pool.query("vacuum analyze error_rows");
  return channel;
}

/** The process that listens on the port. */
async function consolePid(): Promise<string> {
  const port = Number(values.port).toString(16).toUpperCase().padStart(4, "0");
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8")),
  );
  const line = tables
    .flatMap((table) => table.split("\n"))
    .find((one) => new RegExp(`^\\s*\\d+: \\w+:${port} \\w+:0000 0A`).test(one));
  const inode = line?.trim().split(/\s+/)[9];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    for (const fd of await readdir(`/proc/${name}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${name}/fd/${fd}`).catch(() => "");
      if (target === `socket:[${inode}]`) return name;
    }
  }
  throw new Error(`nothing on this machine listens on port ${values.port}`);
}

async function cpuMs(): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
