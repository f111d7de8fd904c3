import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { requestHeaders } from "#lib/transport/request-headers.ts";
import type { DeliveryRequest } from "#lib/transport/schema.ts";
import { createSender } from "#lib/transport/sender.ts";

// CPU of this process per delivered POST over loopback keep-alive: Tocsin's sender (guarded, signed, timed, judged) beside
// undici sending the same signed bytes with nothing around it. The bot server is a process of its own, so its CPU is not
// counted; the contenders take turns, so that a noisy machine is noisy for all. Run: node --import tsx bench/sender.ts

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    rounds: { type: "string", default: "5" },
  },
});
const requestsPerRound = Number(values.requests);
const rounds = Number(values.rounds);
const concurrency = 64;

const botServer = `
const server = require("node:http").createServer((request, response) => {
  request.resume();
  response.end("ok");
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
`;

const server = spawn(process.execPath, ["-e", botServer], { stdio: ["pipe", "pipe", "inherit"] });
const [printed] = await once(server.stdout, "data");
const port = Number(String(printed));
const url = `http://127.0.0.1:${port}/webhook`;

const request: DeliveryRequest = {
  url,
  body: Buffer.from(
    JSON.stringify({
      destination: "U8e742f61d673b39c7fff3cecb7536ef0",
      events: [{ type: "message", message: { type: "text", id: "1", text: "hello".repeat(80) } }],
    }),
  ),
  channelSecret: "8c570fa6dd201bb328f1c1eac23a96d8",
  webhookId: "01K9Z0000000000000000000AA",
};

const sender = createSender({
  policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
});
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency, pipelining: 1 });

async function viaSender(): Promise<void> {
  const outcome = await sender.send(request);
  if (outcome.state !== "delivered") throw new Error(`not delivered: ${JSON.stringify(outcome)}`);
}

function viaDispatch(): Promise<void> {
  const headers = requestHeaders(request, new Date()).flat();
  return new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(
      { method: "POST", path: "/webhook", headers, body: request.body },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData() {},
        onResponseEnd() {
          if (status === 200) resolve();
          else reject(new Error(`status ${status}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}

async function viaRequest(): Promise<void> {
  const headers = requestHeaders(request, new Date()).flat();
  const answer = await pool.request({
    method: "POST",
    path: "/webhook",
    headers,
    body: request.body,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
}

const contenders = { sender: viaSender, dispatch: viaDispatch, request: viaRequest };
type Name = keyof typeof contenders;
const names = Object.keys(contenders) as Name[];
const cpuUs: Record<Name, number[]> = { sender: [], dispatch: [], request: [] };
const perSecond: Record<Name, number[]> = { sender: [], dispatch: [], request: [] };

async function run(send: () => Promise<void>, total: number): Promise<void> {
  let left = total;
  const lane = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

for (const name of names) await run(contenders[name], 3_000);
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    await run(contenders[name], requestsPerRound);
    const used = process.cpuUsage(cpu);
    cpuUs[name].push((used.user + used.system) / requestsPerRound);
    perSecond[name].push((requestsPerRound / (performance.now() - started)) * 1_000);
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        "CPU us / POST": Math.round(median(cpuUs[name])),
        "POST / s": Math.round(median(perSecond[name])),
      },
    ]),
  ),
);
const ratio = (to: Name) => Number((median(cpuUs.sender) / median(cpuUs[to])).toFixed(3));
console.log(
  JSON.stringify({
    cpuUsPerPost: Math.round(median(cpuUs.sender)),
    toUndiciDispatch: ratio("dispatch"),
    toUndiciRequest: ratio("request"),
  }),
);
await Promise.all([sender.close(), pool.close()]);
server.stdin.end();
