import { createHash } from "node:crypto";
import sharp from "sharp";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { createFairRoom } from "#lib/fair-room.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { iconBytesMax } from "./schema.ts";

/** Edge of the stored square. */
const edgePixels = 256;
/** What an upload may unfold to: 4096 squared. A small file can hold a huge picture. */
const inputPixelsMax = 4_096 * 4_096;

// Nothing but the two decoders that are needed is ever reached by what somebody uploads.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadPngBuffer", "VipsForeignLoadJpegBuffer"] });
sharp.cache(false);
sharp.concurrency(1);

/**
 * Makes the channel's icon from an uploaded PNG or JPEG: decoded, cut to a square of 256 pixels and encoded anew, so neither
 * metadata nor anything hidden in the file is kept.
 * @throws AppError invalid or too_large, at the field `icon`; unavailable while too many pictures wait; as requireChannelRight.
 */
export async function setIcon(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  upload: Uint8Array,
): Promise<void> {
  const png = await encodeInTurn(upload, actor.id ?? actor.name);
  const hash = createHash("sha256").update(png).digest("hex").slice(0, 32);
  await db.$transaction(async (tx) => {
    const [channel] = await tx.$queryRaw<unknown[]>`
      select 1 from channels where id = ${channelId} for no key update`;
    if (channel === undefined) throw gone();
    await requireChannelRight(tx, actor, channelId, "edit_basics");
    const before = await tx.channelIcon.findUnique({
      where: { channelId },
      select: { hash: true },
    });
    if (before?.hash === hash) return;
    const data = { png, hash };
    await tx.channelIcon.upsert({
      where: { channelId },
      create: { channelId, ...data },
      update: data,
      select: { hash: true },
    });
    const icons = { before: { icon: before?.hash ?? null }, after: { icon: hash } };
    await recordAudit(tx, { actor, action: "channel_icon_set", channelId, ...icons });
  });
}

/** Takes the icon away; without one it does nothing. @throws AppError as requireChannelRight. */
export async function removeIcon(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "edit_basics");
    const { count } = await tx.channelIcon.deleteMany({ where: { channelId } });
    if (count > 0) await recordAudit(tx, { actor, action: "channel_icon_removed", channelId });
  });
}

/** The icon and its hash, or null. Who asks was looked at before. */
export async function findIcon(
  db: Db,
  channelId: string,
): Promise<{ png: Uint8Array<ArrayBuffer>; hash: string } | null> {
  const row = await db.channelIcon.findUnique({
    where: { channelId },
    select: { png: true, hash: true },
  });
  return row === null ? null : { png: new Uint8Array(row.png), hash: row.hash };
}

/** A picture of 4096 squared takes 64 MiB while it is decoded, and limits of channels add up over many channels. */
const room = createFairRoom({ places: 2, placesPerKey: 1, waitingPerKey: 2 });
const patienceMs = 10_000;

async function encodeInTurn(upload: Uint8Array, who: string): Promise<Uint8Array<ArrayBuffer>> {
  const leave = await room.enter(who, patienceMs);
  if (leave === null)
    throw new AppError("unavailable", "Too many pictures are waiting to be read.");
  try {
    return await encode(upload);
  } finally {
    leave();
  }
}

async function encode(upload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (upload.length > iconBytesMax) throw refusal("too_large", "icon_too_large");
  if (!looksLikePicture(upload)) throw refusal("invalid", "icon_format");
  try {
    const png = await sharp(upload, { limitInputPixels: inputPixelsMax, failOn: "error", pages: 1 })
      .timeout({ seconds: 5 })
      .autoOrient()
      .resize(edgePixels, edgePixels, { fit: "cover" })
      .png({ compressionLevel: 9 })
      .toBuffer();
    return new Uint8Array(png);
  } catch (cause) {
    const isHuge = cause instanceof Error && cause.message.includes("pixel limit");
    throw refusal(isHuge ? "too_large" : "invalid", isHuge ? "icon_pixels" : "icon_broken", cause);
  }
}

const pngHead = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpegHead = [0xff, 0xd8, 0xff];
const looksLikePicture = (bytes: Uint8Array): boolean =>
  [pngHead, jpegHead].some((head) => head.every((byte, at) => bytes[at] === byte));

const messages = {
  icon_too_large: `The file must have at most ${iconBytesMax / 1024} KiB.`,
  icon_format: "The file must be a PNG or a JPEG.",
  icon_pixels: "The picture must have at most 4096 × 4096 pixels.",
  icon_broken: "The picture cannot be read: the file is damaged.",
} as const;

function refusal(code: "invalid" | "too_large", key: keyof typeof messages, cause?: unknown) {
  const message = messages[key];
  return new AppError(code, message, {
    key,
    details: [{ message, property: "icon" }],
    values: { kib: iconBytesMax / 1024 },
    cause,
  });
}

const gone = () => new AppError("not_found", "The channel no longer exists.");
