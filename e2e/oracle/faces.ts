import { platformClient } from "#e2e/harness/platform-client.ts";
import type { OracleChannel, World } from "./world.ts";

/** Files that one platform key may take out in an hour. */
const filesPerKey = 25;

/** What the API and the files say, summed over the channels. */
export async function readFaces(world: World, channels: readonly OracleChannel[]) {
  const sums = { apiErrors: 0, apiAffected: 0, tsvErrors: 0 };
  const api = world.apis[0]?.current().apiUrl ?? "";
  let key = "";
  for (const [index, { id }] of channels.entries()) {
    if (index % filesPerKey === 0) key = await world.place.newKey();
    const client = platformClient(() => api, key);
    const get = async (path: string): Promise<string> => {
      const answer = await client.ask("GET", `/v1/channels/${id}/${path}`);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
      return answer.text;
    };
    sums.apiErrors += await sumPages(get, "errors?range=24h&limit=500");
    sums.apiAffected += await sumPages(get, "errors?range=24h&limit=500&attempt=first");
    sums.tsvErrors += sumLines(await get("errors.tsv?range=24h"));
  }
  return sums;
}

async function sumPages(get: (path: string) => Promise<string>, path: string): Promise<number> {
  let sum = 0;
  for (let cursor = ""; ; ) {
    const page: { errors: { errors: number }[]; next?: string } = JSON.parse(
      await get(path + cursor),
    );
    sum += page.errors.reduce((all, { errors }) => all + errors, 0);
    if (page.next === undefined) return sum;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

const sumLines = (tsv: string): number =>
  tsv
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .reduce((sum, line) => sum + Number(line.split("\t").at(-1)), 0);
