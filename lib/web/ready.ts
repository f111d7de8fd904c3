import "server-only";
import { database } from "./database.ts";

const patienceMs = 2_000;

/** @throws Error when the database does not answer in time. */
export async function requireDatabase(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([database().pool.query("select 1"), late]);
  } finally {
    clearTimeout(timer);
  }
}
