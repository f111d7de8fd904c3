/** The bytes are no tar, or not all of one. */
export class TarError extends Error {
  override name = "TarError";
}

/** A file or folder of an archive; `body` must be read to its end before the next entry. */
export type TarEntry = {
  name: string;
  type: "file" | "folder" | "other";
  size: number;
  body: AsyncIterable<Buffer>;
};

const blockBytes = 512;
/** Offsets and lengths of https://www.postgresql.org/docs/18/protocol-replication.html's tar, which is POSIX ustar. */
const fields = { name: [0, 100], size: [124, 12], type: [156, 1], prefix: [345, 155] } as const;

/**
 * The entries of an uncompressed tar, in order, in constant memory.
 * @throws TarError when it breaks off before its end.
 */
export async function* readTar(bytes: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = createSource(bytes);
  for (;;) {
    const header = await source.take(blockBytes);
    // Two empty blocks end an archive; a single one is enough to know.
    if (header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(textOf(header, fields.size), 8);
    if (!Number.isSafeInteger(size)) throw new TarError("the archive is not a tar, or is damaged");
    const prefix = textOf(header, fields.prefix);
    const name = textOf(header, fields.name);
    const body = readBody(source, size);
    yield {
      name: prefix === "" ? name : `${prefix}/${name}`,
      type: typeOf(textOf(header, fields.type)),
      size,
      body,
    };
    for await (const _rest of body);
    await source.take((blockBytes - (size % blockBytes)) % blockBytes);
  }
}

type Source = {
  /** Exactly so many bytes. */
  take: (count: number) => Promise<Buffer>;
  /** At least one byte and at most so many. */
  takeSome: (countMax: number) => Promise<Buffer>;
};

function createSource(bytes: AsyncIterable<Buffer>): Source {
  const chunks = bytes[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const takeSome = async (countMax: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) throw new TarError("the archive breaks off before its end");
      rest = value;
    }
    const taken = rest.subarray(0, countMax);
    rest = rest.subarray(taken.length);
    return taken;
  };
  return {
    takeSome,
    take: async (count) => {
      const parts: Buffer[] = [];
      for (let missing = count; missing > 0; missing -= parts.at(-1)?.length ?? 0) {
        parts.push(await takeSome(missing));
      }
      return Buffer.concat(parts);
    },
  };
}

async function* readBody(source: Source, size: number): AsyncGenerator<Buffer> {
  for (let missing = size; missing > 0; ) {
    const part = await source.takeSome(missing);
    missing -= part.length;
    yield part;
  }
}

function typeOf(flag: string): TarEntry["type"] {
  if (flag === "0" || flag === "") return "file";
  return flag === "5" ? "folder" : "other";
}

function textOf(header: Buffer, [from, length]: readonly [number, number]): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field
    .subarray(0, end === -1 ? length : end)
    .toString("utf8")
    .trim();
}
