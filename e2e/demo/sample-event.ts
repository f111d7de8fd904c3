const texts = [
  "Good morning",
  "Two flat whites, please",
  "Where are you?",
  "🤨",
  "予約を変更したいです",
  "Thanks",
];

/** Mostly messages, as in life. */
const kinds: readonly ((at: Date, text: string) => { type: string } & Record<string, unknown>)[] = [
  ...Array.from({ length: 4 }, () => (at: Date, text: string) => ({
    type: "message",
    message: { type: "text", id: String(at.getTime()), text },
  })),
  () => ({ type: "postback", postback: { data: "action=buy&item=123" } }),
  () => ({ type: "follow", follow: { isUnblocked: false } }),
  () => ({ type: "unfollow" }),
];

const userCount = 40;

/** An event as a platform's service would post it. @param random numbers in [0, 1) */
export function sampleEvent(at: Date, random: () => number = Math.random) {
  const user = Math.floor(random() * userCount);
  const event = pick(kinds, random)(at, pick(texts, random));
  return {
    ...event,
    source: { type: "user", userId: `U${user.toString(16).padStart(4, "0").repeat(8)}` },
  };
}

export function pick<T>(list: readonly T[], random: () => number = Math.random): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}
