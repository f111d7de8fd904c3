import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

export type BreakingLine = {
  port: number;
  /** From so many bytes of an answer on, the console seems to have ended; null: never. */
  breaksAfter: number | null;
  close: () => void;
};

/** Stands between a proxy and the console at `port`. */
export async function startBreakingLine(port: number): Promise<BreakingLine> {
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    let bytes = 0;
    near.on("data", (chunk) => {
      bytes = 0;
      far.write(chunk);
    });
    far.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      const isOver = line.breaksAfter !== null && bytes > line.breaksAfter;
      if (isOver) {
        far.destroy();
        near.end();
      } else if (!near.write(chunk)) {
        far.pause();
        near.once("drain", () => far.resume());
      }
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("end", () => other.end());
      one.on("close", () => other.end());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const line: BreakingLine = {
    port: (server.address() as AddressInfo).port,
    breaksAfter: null,
    close: () => server.close(),
  };
  return line;
}
