import type { Db } from "#lib/db.ts";

/** Pieces of three characters tell a text apart well enough; more of them only cost. */
const piecesMax = 24;

/**
 * The pieces that every word consists of; PostgreSQL puts them into lower case, as it did those that it keeps. In a statement of
 * its own: only of pieces that it is given does the planner know how rare they are.
 */
export async function piecesOf(db: Db, words: readonly string[]): Promise<string[]> {
  const pieces = [...new Set(words.flatMap(cut))].slice(0, piecesMax);
  const rows = await db.$queryRaw<{ piece: string }[]>`
    select lower(piece) as piece from unnest(${pieces}::text[]) as piece`;
  return rows.map(({ piece }) => piece);
}

function cut(word: string): string[] {
  const characters = [...word];
  if (characters.length <= 3) return [word];
  return characters.slice(2).map((_, at) => characters.slice(at, at + 3).join(""));
}
