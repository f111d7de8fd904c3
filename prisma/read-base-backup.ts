import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { archiveName, manifestName } from "./base-backup.ts";
import { readTar, type TarEntry, TarError } from "./read-tar.ts";

/** What is done with an entry besides checking it: `write` takes a file's bytes in order, `end` comes after the last, also when they break off. */
export type EntryWriter = {
  write: (bytes: Buffer) => Promise<void>;
  end: () => Promise<void>;
};

export type BackupReport = { filesCount: number; bytes: number };

type Manifest = {
  Files: readonly { Path?: string; "Encoded-Path"?: string; Size: number; Checksum: string }[];
  "WAL-Ranges": readonly { Timeline: number; "Start-LSN": string; "End-LSN": string }[];
  "Manifest-Checksum": string;
};

const walSegmentBytes = 16 * 1024 * 1024;

/**
 * Reads a base backup from its first byte to its last and compares it with PostgreSQL's list of it: each file with its size
 * and SHA-256, none missing, all WAL that it needs, and the list itself. `open` is told each entry before its bytes;
 * null for an entry whose bytes are only checked.
 * @throws Error that says what is wrong with the backup.
 */
export async function readBaseBackup(
  folder: string,
  open: (entry: TarEntry) => Promise<EntryWriter | null> = async () => null,
): Promise<BackupReport> {
  const manifest = await readManifest(folder);
  try {
    return await compare(folder, manifest, open);
  } catch (error) {
    if (isMissing(error, archiveName)) throw damaged(`${archiveName} is missing`);
    if (isOfArchive(error)) throw damaged(`${archiveName}: ${error.message}`);
    throw error;
  }
}

function isMissing(error: unknown, name: string): boolean {
  const { code, path = "" } = error as NodeJS.ErrnoException;
  return code === "ENOENT" && path.endsWith(name);
}

/** What is no gzip or no tar; zlib's codes begin so. */
function isOfArchive(error: unknown): error is Error {
  if (error instanceof TarError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

async function compare(
  folder: string,
  manifest: Manifest,
  open: (entry: TarEntry) => Promise<EntryWriter | null>,
): Promise<BackupReport> {
  const wanted = new Map(manifest.Files.map((file) => [pathOf(file), file]));
  const wal = new Set<string>();
  let bytes = 0;
  for await (const entry of readArchive(folder)) {
    const writer = await open(entry);
    if (entry.type !== "file") continue;
    const found = await drain(entry, writer);
    bytes += entry.size;
    const segment = /^pg_wal\/([0-9A-F]{24})$/.exec(entry.name)?.[1];
    if (segment !== undefined && entry.size === walSegmentBytes) wal.add(segment);
    const expected = wanted.get(entry.name);
    // WAL is no part of the list: each of its records has a checksum of its own.
    if (expected === undefined) continue;
    if (expected.Size !== entry.size || expected.Checksum !== found) {
      throw damaged(`${entry.name} is not what PostgreSQL sent`);
    }
    wanted.delete(entry.name);
  }
  const [missing] = [...wanted.keys(), ...missingWal(manifest, wal)];
  if (missing !== undefined) throw damaged(`${missing} is missing`);
  return { filesCount: manifest.Files.length, bytes };
}

/** Bytes that the backup takes once it is laid out, from its list. */
export async function restoredBytes(folder: string): Promise<number> {
  const manifest = await readManifest(folder);
  const wal = manifest["WAL-Ranges"].reduce((sum, range) => sum + segmentsOf(range).length, 0);
  const files = manifest.Files.reduce((sum, file) => sum + file.Size, 0);
  return files + wal * walSegmentBytes;
}

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestName), "utf8").catch((error: unknown) => {
    throw isMissing(error, manifestName) ? damaged(`${manifestName} is missing`) : error;
  });
  // The checksum is of everything before its own line.
  const end = text.lastIndexOf('"Manifest-Checksum"');
  const found = createHash("sha256").update(text.slice(0, end)).digest("hex");
  const manifest = parse(text);
  if (manifest === null || manifest["Manifest-Checksum"] !== found) {
    throw damaged(`${manifestName} was changed or cut short`);
  }
  return manifest;
}

function parse(text: string): Manifest | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function* readArchive(folder: string): AsyncGenerator<TarEntry> {
  const file = createReadStream(join(folder, archiveName));
  const bytes = file.pipe(createGunzip());
  file.once("error", (error) => bytes.destroy(error));
  try {
    yield* readTar(bytes);
  } finally {
    file.destroy();
    bytes.destroy();
  }
}

async function drain(entry: TarEntry, writer: EntryWriter | null): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const part of entry.body) {
      hash.update(part);
      await writer?.write(part);
    }
  } finally {
    await writer?.end();
  }
  return hash.digest("hex");
}

function missingWal(manifest: Manifest, found: ReadonlySet<string>): string[] {
  const needed = manifest["WAL-Ranges"].flatMap(segmentsOf);
  return needed.filter((name) => !found.has(name)).map((name) => `pg_wal/${name}`);
}

/** Names as https://www.postgresql.org/docs/18/continuous-archiving.html has them: timeline, then the segment in two parts. */
function segmentsOf(range: Manifest["WAL-Ranges"][number]): string[] {
  const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, "0");
  const segmentBytes = BigInt(walSegmentBytes);
  const perPart = 2n ** 32n / segmentBytes;
  const first = lsnOf(range["Start-LSN"]) / segmentBytes;
  const last = (lsnOf(range["End-LSN"]) - 1n) / segmentBytes;
  const names: string[] = [];
  for (let number = first; number <= last; number += 1n) {
    names.push(hex(BigInt(range.Timeline)) + hex(number / perPart) + hex(number % perPart));
  }
  return names;
}

function lsnOf(text: string): bigint {
  const [high = "0", low = "0"] = text.split("/");
  return BigInt(`0x${high}`) * 2n ** 32n + BigInt(`0x${low}`);
}

const pathOf = (file: Manifest["Files"][number]): string =>
  file.Path ?? Buffer.from(file["Encoded-Path"] ?? "", "hex").toString("utf8");

export const damaged = (what: string): Error =>
  new Error(`The backup is damaged (${what}): take another one.`);
