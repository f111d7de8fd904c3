import { spawn } from "node:child_process";
import { to as copyTo } from "pg-copy-streams";
import { median } from "#bench/support/figures.ts";
import { streamErrors } from "#lib/webhook-errors/stream-errors.ts";
import type { World } from "./data.ts";

const nothing = { reason: null, detail: null, status: null, attempt: null } as const;
const mebibyte = 2 ** 20;

export type DownloadFigures = {
  rows: number;
  ours: number;
  copy: number;
  peer: string;
  rssGrowthMb: number;
};

/** Rows per second of the TSV and of a plain copy of the same rows, in turns, and what the memory grew by from 10^4 rows on. */
export async function measureDownload(
  world: World,
  channelId: string,
  rows: number,
  rounds: number,
): Promise<DownloadFigures> {
  const shortRange = { from: world.from, to: new Date(world.from.getTime() + 417 * 60_000) };
  for (let warm = 0; warm < 3; warm += 1) await download(world, channelId, shortRange);
  const before = await download(world, channelId, shortRange);
  const ours: number[] = [];
  const copies: number[] = [];
  let rssMax = 0;
  let peer = "psql \\copy";
  for (let round = 0; round < rounds; round += 1) {
    const one = await download(world, channelId, world);
    ours.push(rows / one.seconds);
    rssMax = Math.max(rssMax, one.rssMax);
    const copied = await copyByPsql(world, channelId).catch(() => null);
    if (copied === null) peer = "plain COPY by the same driver (no psql here)";
    copies.push(rows / (copied ?? (await copyByDriver(world, channelId))));
  }
  return {
    rows,
    ours: median(ours),
    copy: median(copies),
    peer,
    rssGrowthMb: (rssMax - before.rssMax) / mebibyte,
  };
}

async function download({ database }: World, channelId: string, range: { from: Date; to: Date }) {
  const question = { ...nothing, channelId, from: range.from, to: range.to };
  const startedAt = performance.now();
  const { stream } = await streamErrors(database.pool, {
    question,
    zone: "Asia/Tokyo",
    sort: "date",
    order: "desc",
    format: "tsv",
  });
  let rssMax = 0;
  let chunks = 0;
  for await (const _ of stream) {
    chunks += 1;
    if (chunks % 64 === 0) rssMax = Math.max(rssMax, process.memoryUsage.rss());
  }
  return {
    seconds: (performance.now() - startedAt) / 1_000,
    rssMax: Math.max(rssMax, process.memoryUsage.rss()),
  };
}

const columns = "first_at, last_at, reason, detail, error_count";

function copyByPsql({ url }: World, channelId: string): Promise<number> {
  const startedAt = performance.now();
  const statement = `\\copy (select ${columns} from error_rows where channel_id = '${channelId}' order by minute desc) to '/dev/null'`;
  return new Promise((settle, refuse) => {
    const child = spawn("psql", [url, "-qc", statement], { stdio: "ignore" });
    child.once("error", refuse);
    child.once("exit", (code) =>
      code === 0
        ? settle((performance.now() - startedAt) / 1_000)
        : refuse(new Error(`psql ended with ${code}`)),
    );
  });
}

async function copyByDriver({ database }: World, channelId: string): Promise<number> {
  const startedAt = performance.now();
  const client = await database.pool.connect();
  const copy = client.query(
    copyTo(
      `copy (select ${columns} from error_rows where channel_id = '${channelId}' order by minute desc) to stdout`,
    ),
  );
  for await (const _ of copy);
  client.release();
  return (performance.now() - startedAt) / 1_000;
}
