import { PrismaPg } from "@prisma/adapter-pg";
import { DriverAdapterError } from "@prisma/driver-adapter-utils";
import pg from "pg";

/**
 * Runs a migration's script as one transaction, with the note that it is done, where Prisma's own sends its statements one by
 * one and notes it afterwards: what is cut off half way would have to be mended by hand.
 */
export class WholeScripts extends PrismaPg {
  readonly #pool: pg.Pool;
  readonly #names: ReadonlyMap<string, string>;

  /** @param names the migrations' names by their scripts; other scripts are run as they are. */
  constructor(pool: pg.Pool, names: ReadonlyMap<string, string>) {
    super(pool);
    this.#pool = pool;
    this.#names = names;
  }

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = (script) => this.#run(script);
    return adapter;
  }

  async #run(script: string): Promise<void> {
    try {
      // One message without parameters is one transaction.
      await this.#pool.query(`${script}\n;${this.#noteOf(script)}`);
    } catch (error) {
      throw error instanceof pg.DatabaseError ? toDriverError(error) : error;
    }
  }

  #noteOf(script: string): string {
    const name = this.#names.get(script);
    if (name === undefined) return "";
    return `update _prisma_migrations set finished_at = now()
             where migration_name = ${pg.escapeLiteral(name)} and finished_at is null and rolled_back_at is null`;
  }
}

function toDriverError(error: pg.DatabaseError): DriverAdapterError {
  const { code = "XX000", severity = "ERROR", message, detail, column, hint } = error;
  return new DriverAdapterError({
    ...{ kind: "postgres", code, severity, message, detail, column, hint },
    originalCode: code,
    originalMessage: message,
  });
}
