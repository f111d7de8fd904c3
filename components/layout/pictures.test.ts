import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { drawIcon, frameIco, iconSizes, shareSize } from "./pictures.ts";

const publicFile = (name: string): string => join(import.meta.dirname, "../../public", name);
const bell = await readFile(publicFile("icon.svg"), "utf8");
const pixels = (picture: string | Buffer): Promise<Buffer> =>
  sharp(picture).flatten({ background: "#fff" }).raw().toBuffer();

/** The mean difference of a channel, of 255. */
async function differenceOf(one: string | Buffer, other: string | Buffer): Promise<number> {
  const [left, right] = await Promise.all([pixels(one), pixels(other)]);
  expect(left.length).toBe(right.length);
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += Math.abs((left[at] ?? 0) - (right[at] ?? 0));
  return sum / left.length;
}

test.for(Object.entries(iconSizes))(
  "public/%s shows the bell of icon.svg",
  async ([name, look]) => {
    const drawn = Buffer.from(drawIcon(bell, look));
    expect(await differenceOf(publicFile(name), drawn)).toBeLessThan(2);
  },
);

test("favicon.ico holds the bell as a PNG of 32 pixels", async () => {
  const file = await readFile(publicFile("favicon.ico"));
  const png = file.subarray(file.readUInt32LE(18));
  expect(file).toEqual(frameIco(png, 32));
  const drawn = Buffer.from(drawIcon(bell, { size: 32, kind: "tile" }));
  expect(await differenceOf(png, drawn)).toBeLessThan(2);
});

test("the picture for shared links has the size that pages tell, and is small", async () => {
  expect(await sharp(publicFile("share.png")).metadata()).toMatchObject(shareSize);
  expect((await stat(publicFile("share.png"))).size).toBeLessThan(60_000);
});

test("the manifest names icons that are there, in the sizes that it says", async () => {
  const { icons }: { icons: { src: string; sizes: string }[] } = JSON.parse(
    await readFile(publicFile("site.webmanifest"), "utf8"),
  );
  expect(icons.length).toBeGreaterThan(3);
  for (const { src, sizes } of icons) {
    const { width, height } = await sharp(publicFile(src)).metadata();
    if (sizes !== "any") expect([src, sizes]).toEqual([src, `${width}x${height}`]);
  }
});
