import { randomBytes } from "node:crypto";
import { createWriteStream, type WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";

/** The cluster as a tar, compressed by the server, and PostgreSQL's own list of what is in it. */
export const archiveName = "base.tar.gz";
export const manifestName = "backup_manifest";

/**
 * Writes a base backup of a running PostgreSQL, with the WAL that makes it consistent, into a folder that is there. What is
 * committed when it begins is in it for sure, and what is committed while it is written in part. Needs a role that may
 * replicate. On disk when it resolves.
 * @throws Error of the database or of the file system; what was written then is of no use.
 */
export async function writeBaseBackup(
  url: string,
  folder: string,
  bufferBytes = 1024 * 1024,
): Promise<void> {
  const asReplica = new URL(url);
  asReplica.searchParams.set("replication", "database");
  const client = new pg.Client({ connectionString: asReplica.href });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await keepLog(client);
    await new Promise<void>((settle, reject) => {
      client.query(new BaseBackup({ folder, bufferBytes, settle, reject }));
    });
  } finally {
    await client.end().catch(() => undefined);
  }
  for (const path of [join(folder, archiveName), join(folder, manifestName), folder]) {
    await sync(path);
  }
  await sync(dirname(folder));
}

/**
 * The log since the last checkpoint stays until this connection ends. Without that PostgreSQL removes what a backup needs
 * whenever checkpoints come while it is written, as they do in a product that is busy.
 */
async function keepLog(client: pg.Client): Promise<void> {
  const name = `tocsin_backup_${randomBytes(6).toString("hex")}`;
  await client.query(`CREATE_REPLICATION_SLOT ${name} TEMPORARY PHYSICAL RESERVE_WAL`);
}

// gzip is what both this PostgreSQL and every Node can do; higher levels take long for little (decision 0021).
const statement =
  "BASE_BACKUP (LABEL 'tocsin', CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256', " +
  "COMPRESSION 'gzip', COMPRESSION_DETAIL 'level=1')";

/** Messages of https://www.postgresql.org/docs/18/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP */
const kinds = { newArchive: 0x6e, manifest: 0x6d, data: 0x64 };

/** `pg` hands these over by name. */
type Connection = {
  query: (text: string) => void;
  stream: { pause: () => void; resume: () => void; destroy: () => void };
};

type BackupOptions = {
  folder: string;
  bufferBytes: number;
  settle: () => void;
  reject: (error: Error) => void;
};

/** One BASE_BACKUP as `pg` runs it: its rows are of no interest, its data goes to files as fast as they take it. */
class BaseBackup implements pg.Submittable {
  #connection: Connection | undefined;
  #file: WriteStream | undefined;
  #waitsFor: WriteStream | undefined;
  readonly #finished: Promise<void>[] = [];
  readonly #options: BackupOptions;

  constructor(options: BackupOptions) {
    this.#options = options;
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection as unknown as Connection;
    this.#connection.query(statement);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (chunk[0] === kinds.newArchive) this.#open(archiveName);
    if (chunk[0] === kinds.manifest) this.#open(manifestName);
    if (chunk[0] !== kinds.data) return;
    // A copy, as the driver may use its buffer again.
    if (this.#file?.write(Buffer.from(chunk.subarray(1))) === false) this.#waitForDisk(this.#file);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleCopyOutResponse(): void {}

  handleError(error: Error): void {
    this.#file?.destroy();
    this.#options.reject(error);
  }

  handleReadyForQuery(): void {
    this.#file?.end();
    Promise.all(this.#finished).then(
      () => this.#options.settle(),
      (error: Error) => this.#options.reject(error),
    );
  }

  #open(name: string): void {
    this.#file?.end();
    const { folder, bufferBytes: highWaterMark } = this.#options;
    const file = createWriteStream(join(folder, name), { mode: 0o600, flags: "wx", highWaterMark });
    this.#file = file;
    const finished = new Promise<void>((settle, reject) => {
      file.once("close", settle);
      file.once("error", reject);
    });
    finished.catch((error: Error) => {
      // What cannot be written need not be read.
      this.#connection?.stream.destroy();
      this.#options.reject(error);
    });
    this.#finished.push(finished);
  }

  #waitForDisk(file: WriteStream): void {
    if (this.#waitsFor === file) return;
    this.#waitsFor = file;
    this.#connection?.stream.pause();
    const goOn = (): void => {
      file.off("drain", goOn);
      file.off("finish", goOn);
      this.#waitsFor = undefined;
      this.#connection?.stream.resume();
    };
    file.on("drain", goOn);
    // A file that has been told its end no longer says that there is room.
    file.on("finish", goOn);
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
