import type { World } from "./world.ts";

/** One line of the verdict. */
export type Equation = { holds: boolean; line: string };

export type Row = Record<string, number>;

/** Where the equations are written down, and how the product's stored figures are asked for. */
export type Sheet = ReturnType<typeof openSheet>;

export function openSheet(world: World) {
  const equations: Equation[] = [];
  const { pool } = world.place;
  return {
    equations,
    equal: (what: string, ...sides: [string, number][]): void => {
      const holds = new Set(sides.map(([, value]) => value)).size === 1;
      const all = sides.map(([name, value]) => `${name} ${value}`).join(" = ");
      equations.push({ holds, line: `${what}: ${all}` });
    },
    none: (what: string, found: readonly unknown[]): void => {
      const some = found.length === 0 ? "" : `, such as ${JSON.stringify(found.slice(0, 3))}`;
      equations.push({ holds: found.length === 0, line: `${what}: ${found.length}${some}` });
    },
    count: async (question: string): Promise<Row> => (await pool.query(question)).rows[0],
    list: async (question: string, ...values: unknown[]): Promise<Record<string, string>[]> =>
      (await pool.query(question, values)).rows,
  };
}
