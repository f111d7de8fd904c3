import { ulid } from "ulid";
import type { SampleEventType } from "./schema.ts";

/** Whoever a sample comes from is nobody; a bot that answers by these learns from the Messaging API that they do not exist. */
const nobody = {
  userId: `U${"0".repeat(32)}`,
  groupId: `C${"0".repeat(32)}`,
  replyToken: "0".repeat(32),
};

const alone = { type: "user", userId: nobody.userId };
const inGroup = { type: "group", groupId: nobody.groupId, userId: nobody.userId };
const members = { members: [{ type: "user", userId: nobody.userId }] };
const byLine = { contentProvider: { type: "line" } };
const id = "100000000000000001";
const quotable = { id, quoteToken: "sample" };

type Sample = {
  type: string;
  /** The type's own, in the order of the wire. */
  own?: object;
  source?: object;
  /** Absent where nothing can be replied to. */
  replies?: boolean;
};

const message = (type: string, own: object): Sample => ({
  type: "message",
  own: { message: { type, ...own } },
  replies: true,
});

/** What is said of each type; names and shapes are those of the platform (docs/platform.md#events). */
const samples: Readonly<Record<SampleEventType, Sample>> = {
  text: message("text", { ...quotable, text: "This is a sample event." }),
  image: message("image", { ...quotable, ...byLine }),
  video: message("video", { ...quotable, duration: 60_000, ...byLine }),
  audio: message("audio", { id, duration: 60_000, ...byLine }),
  file: message("file", { id, fileName: "sample.txt", fileSize: 2_138 }),
  location: message("location", {
    id,
    title: "Sample",
    address: "160-0004 Tokyo, Shinjuku",
    latitude: 35.687574,
    longitude: 139.72922,
  }),
  sticker: message("sticker", {
    ...quotable,
    packageId: "446",
    stickerId: "1988",
    stickerResourceType: "STATIC",
    keywords: ["hello"],
  }),
  follow: { type: "follow", own: { follow: { isUnblocked: false } }, replies: true },
  unfollow: { type: "unfollow" },
  join: { type: "join", source: inGroup, replies: true },
  leave: { type: "leave", source: inGroup },
  memberJoined: { type: "memberJoined", own: { joined: members }, source: inGroup, replies: true },
  memberLeft: { type: "memberLeft", own: { left: members }, source: inGroup },
  unsend: { type: "unsend", own: { unsend: { messageId: id } } },
  postback: { type: "postback", own: { postback: { data: "sample=1" } }, replies: true },
  videoPlayComplete: {
    type: "videoPlayComplete",
    own: { videoPlayComplete: { trackingId: "sample" } },
    replies: true,
  },
  beacon: { type: "beacon", own: { beacon: { hwid: "d41d8cd98f", type: "enter" } }, replies: true },
  accountLink: {
    type: "accountLink",
    own: { link: { result: "ok", nonce: "sample" } },
    replies: true,
  },
};

/** An event as a bot would get it at `now`: signed and sent like any other, but of nobody (docs/delivery.md#sample-events). */
export function sampleEvent(type: SampleEventType, now: Date): Record<string, unknown> {
  const { type: kind, own = {}, source = alone, replies = false } = samples[type];
  return {
    type: kind,
    ...own,
    webhookEventId: ulid(now.getTime()),
    deliveryContext: { isRedelivery: false },
    timestamp: now.getTime(),
    source,
    ...(replies ? { replyToken: nobody.replyToken } : {}),
    mode: "active",
  };
}
