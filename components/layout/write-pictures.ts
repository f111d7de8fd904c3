import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { drawIcon, frameIco, iconSizes, shareParts, shareSize } from "./pictures.ts";

// Makes the pictures of public/ from public/icon.svg; run by `npm run pictures`.

const root = join(import.meta.dirname, "../..");
const publicFile = (name: string): string => join(root, "public", name);
const font = join(root, "node_modules/geist/dist/fonts/geist-sans/Geist-SemiBold.ttf");

const bell = await readFile(publicFile("icon.svg"), "utf8");

for (const [name, look] of Object.entries(iconSizes)) {
  const png = await small(sharp(Buffer.from(drawIcon(bell, look))));
  await writeFile(publicFile(name), png);
}
await writeFile(
  publicFile("favicon.ico"),
  frameIco(await small(sharp(Buffer.from(drawIcon(bell, { size: 32, kind: "tile" })))), 32),
);
await writeFile(publicFile("share.png"), await drawShare());

function small(picture: Sharp): Promise<Buffer> {
  return picture.png({ palette: true, compressionLevel: 9, effort: 10 }).toBuffer();
}

/** The words in the console's own typeface, so that it looks the same on whatever machine it is made. */
async function drawShare(): Promise<Buffer> {
  const { ground, words } = shareParts(bell);
  const layers = words.map(async ({ text, size, colour, left, top }) => ({
    input: await sharp({
      text: {
        text: `<span foreground="${colour}">${text}</span>`,
        font: `Geist SemiBold ${size}`,
        fontfile: font,
        rgba: true,
        dpi: 72,
      },
    })
      .png()
      .toBuffer(),
    left,
    top,
  }));
  const picture = sharp(Buffer.from(ground)).resize(shareSize.width, shareSize.height);
  return small(picture.composite(await Promise.all(layers)));
}
