import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findIcon, removeIcon, setIcon } from "./icon.ts";
import { iconBytesMax } from "./schema.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  channelId = (await createChannel(database.db)).id;
});
afterAll(() => database.close());

const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#3a3480" } });
const upload = (bytes: Uint8Array) => setIcon(database.db, testActor, channelId, bytes);

test("an icon is made anew: a square PNG of 256 pixels without what else the file held", async () => {
  const hidden = "hidden: GPS 35.6586, 139.7454";
  const file = await canvas(600, 300)
    .withExif({ IFD0: { ImageDescription: hidden } })
    .jpeg()
    .toBuffer();
  expect(file.includes(hidden)).toBe(true);
  await upload(Buffer.concat([file, Buffer.from("<script>alert(1)</script>")]));
  const icon = await findIcon(database.db, channelId);
  const png = Buffer.from(icon?.png ?? []);
  expect(await sharp(png).metadata()).toMatchObject({ format: "png", width: 256, height: 256 });
  expect(png.includes(hidden) || png.includes("<script>")).toBe(false);
});

test("the same picture again is no change, and another one has another address", async () => {
  const { db } = database;
  const picture = await canvas(64, 64).png().toBuffer();
  const changes = () => db.auditEntry.count({ where: { channelId, action: "channel_icon_set" } });
  await upload(picture);
  const [first, count] = [await findIcon(db, channelId), await changes()];
  await upload(picture);
  expect(await changes()).toBe(count);
  await upload(await canvas(64, 64).negate().png().toBuffer());
  expect((await findIcon(db, channelId))?.hash).not.toBe(first?.hash);
  await removeIcon(db, testActor, channelId);
  expect(await findIcon(db, channelId)).toBeNull();
});

test.for([
  ["a file that is too large", () => Buffer.alloc(iconBytesMax + 1), "icon_too_large"],
  ["an SVG", () => Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "icon_format"],
  ["a GIF", () => canvas(9, 9).gif().toBuffer(), "icon_format"],
  ["nothing", () => Buffer.alloc(0), "icon_format"],
  ["a PNG that breaks off", async () => (await noise()).subarray(0, 2_000), "icon_broken"],
  [
    "the head of a JPEG before a page",
    () => Buffer.from("\xff\xd8\xff<html>", "latin1"),
    "icon_broken",
  ],
  [
    "a small file with a huge picture",
    () => canvas(4_097, 4_097).png({ compressionLevel: 9 }).toBuffer(),
    "icon_pixels",
  ],
] as const)("%s is refused at its field, and nothing is kept", async ([, make, key]) => {
  await expect(upload(await make())).rejects.toMatchObject({
    key,
    details: [{ property: "icon" }],
  });
  expect(await findIcon(database.db, channelId)).toBeNull();
});

const noise = () =>
  sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: "red",
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();

test("of many pictures that one person sends at once a few are read, and the others refused in words", async () => {
  const picture = await canvas(512, 512).png().toBuffer();
  const sent = await Promise.allSettled(Array.from({ length: 20 }, () => upload(picture)));
  const refused = sent.filter((one) => one.status === "rejected");
  expect(refused).toHaveLength(17);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "unavailable" });
});
