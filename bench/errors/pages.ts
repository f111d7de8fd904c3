import { median } from "#bench/support/figures.ts";
import { defaultFilter, type ErrorFilter, type PageStart } from "#lib/webhook-errors/filter.ts";
import { listErrorRows } from "#lib/webhook-errors/list-rows.ts";
import { readErrorsPage } from "#lib/webhook-errors/read-page.ts";
import type { World } from "./data.ts";

export const questions = ["page", "page24h", "deepPage", "rareDetail"] as const;
export type PageTimes = Record<(typeof questions)[number], number>;

/** Median milliseconds of each question in each world; the worlds take turns, so that all meet the same machine. */
export async function measurePages(worlds: readonly World[], rounds: number): Promise<PageTimes[]> {
  const times = worlds.map(
    () =>
      ({ page: [], page24h: [], deepPage: [], rareDetail: [] }) as Record<
        keyof PageTimes,
        number[]
      >,
  );
  const deep = await Promise.all(worlds.map(findMiddle));
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, world] of worlds.entries()) {
      for (const question of questions) {
        const startedAt = performance.now();
        await ask(world, question, deep[index] ?? null);
        if (round >= 0) times[index]?.[question].push(performance.now() - startedAt);
      }
    }
  }
  return times.map((all) => ({
    page: median(all.page),
    page24h: median(all.page24h),
    deepPage: median(all.deepPage),
    rareDetail: median(all.rareDetail),
  }));
}

async function ask(
  world: World,
  question: keyof PageTimes,
  middle: PageStart | null,
): Promise<void> {
  const { database, channelId, from, to } = world;
  const dayBefore = new Date(to.getTime() - 86_400_000);
  const read = (range: { from: Date; to: Date }, filter: Partial<ErrorFilter>) =>
    readErrorsPage(database.db, {
      channelId,
      range,
      timeZone: "Asia/Tokyo",
      filter: { ...defaultFilter, ...filter },
    });
  if (question === "page") await read({ from, to }, {});
  if (question === "page24h") await read({ from: dayBefore, to }, {});
  if (question === "deepPage") await read({ from, to }, { page: middle });
  if (question === "rareDetail")
    await read({ from, to }, { detail: "Session protocol negotiation failure" });
}

/** The row in the middle of the range, to page on from. */
async function findMiddle({ database, channelId, from, to }: World): Promise<PageStart | null> {
  const middle = new Date((from.getTime() + to.getTime()) / 2);
  const question = {
    ...defaultFilter,
    channelId,
    from,
    to: new Date(Math.floor(middle.getTime() / 60_000) * 60_000),
  };
  return (await listErrorRows(database.db, question, defaultFilter)).next;
}
