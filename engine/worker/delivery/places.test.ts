import { expect, test } from "vitest";
import { type Lane, lanes } from "#lib/queue/claim.ts";
import { createPlaces, type Destination, type HeldPlace, shareSlots } from "./places.ts";

const { first, redelivery } = lanes;

/** A worker of 256 slots whose clock only moves when told, and lanes that want what they are said to. */
function open(slots = 256) {
  let now = 0;
  const wanted: Record<Lane, number> = { [first]: 0, [redelivery]: 0 };
  const places = createPlaces({
    shares: shareSlots(slots),
    wanted: (lane) => wanted[lane],
    now: () => now,
  });
  const to = (channelId: string, lane: Lane = first): Destination => ({
    lane,
    channelId,
    host: `${channelId}.example`,
  });
  const begin = (destination: Destination, most = 1_000): HeldPlace[] => {
    const begun: HeldPlace[] = [];
    const mayBegin = () =>
      places.hasSlot(destination.lane) && places.verdict(destination) === "begin";
    while (begun.length < most && mayBegin()) begun.push(places.enter(destination));
    return begun;
  };
  const leave = (some: readonly HeldPlace[]): void => {
    for (const place of some) places.leave(place);
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  const answer = (channelId: string, count = 8): void => {
    for (let answers = 0; answers < count; answers += 1) {
      const begun = begin(to(channelId), 1);
      pass(5);
      leave(begun);
    }
  };
  /** Of all that begins `share` per cent hang, until the channel may have no more; those that hang. */
  const hang = (channelId: string, share: number, lane: Lane = first): HeldPlace[] => {
    const hung: HeldPlace[] = [];
    answer(channelId);
    for (let turn = 0; turn < 1_000; turn += 1) {
      const begun = begin(to(channelId, lane));
      pass(5);
      leave(begun.filter((_, index) => index % 100 >= share));
      hung.push(...begun.filter((_, index) => index % 100 < share));
      if (begun.length === 0) pass(100);
    }
    return hung;
  };
  return { places, wanted, to, begin, leave, pass, answer, hang };
}

test("a channel of which one in five hangs has more than three quarters of the slots while nobody else wants them", () => {
  const { hang } = open();
  expect(hang("partly", 20).length).toBeGreaterThan(192);
});

test("whoever comes while a slow channel has all that it may have begins at once", () => {
  const { hang, begin, to, answer } = open();
  for (const id of ["a", "b", "c"]) answer(id);
  hang("partly", 20);
  for (const id of ["a", "b", "c"]) expect(begin(to(id), 8)).toHaveLength(8);
  expect(begin(to("unheard of"))).toHaveLength(2);
});

test("a slow channel begins nothing more on what others want, and comes back to it when they have enough", () => {
  const { hang, begin, to, leave, answer } = open();
  const hung = hang("partly", 20);
  const theirs = ["a", "b", "c", "d", "e", "f"].flatMap((id) => {
    answer(id);
    return begin(to(id), 8);
  });
  leave(hung.splice(0, 20));
  expect(begin(to("partly"))).toHaveLength(0);
  leave(theirs);
  answer("partly", 1);
  expect(begin(to("partly")).length).toBeGreaterThan(15);
});

test("two slow channels come to equal parts, whoever was first", () => {
  const { places, leave, begin, pass, to, answer } = open();
  const both = ["early", "late"].map((id) => ({
    id,
    hung: [] as { place: HeldPlace; turn: number }[],
  }));
  for (const { id } of both) answer(id);
  // Turns of 20 ms. Of what begins every second answers at once, the others never: they end after 2 s.
  for (let turn = 0; turn < 500; turn += 1) {
    for (const { hung } of both) {
      const over = hung.findIndex((one) => one.turn > turn - 100);
      leave(hung.splice(0, over === -1 ? hung.length : over).map(({ place }) => place));
    }
    for (const { id, hung } of turn < 200 ? both.slice(0, 1) : both) {
      const begun = begin(to(id), 16);
      leave(begun.filter((_, index) => index % 2 === 0));
      hung.push(...begun.filter((_, index) => index % 2 === 1).map((place) => ({ place, turn })));
    }
    pass(20);
  }
  const [early = 0, late = 0] = both.map(({ id }) => places.channelGates.running(id));
  expect(early + late).toBeGreaterThan(192);
  expect(Math.abs(early - late)).toBeLessThan(32);
});

test("channels that hang wholly, however many, leave the reserve to others", () => {
  const { begin, to, leave, pass, answer } = open();
  const dead = Array.from({ length: 300 }, (_, index) => to(`dead ${index}`));
  for (let turn = 0; turn < 20; turn += 1) {
    const hung = dead.flatMap((one) => begin(one));
    pass(2_000);
    leave(hung);
  }
  for (const one of dead) begin(one);
  answer("healthy");
  expect(begin(to("healthy"), 8)).toHaveLength(8);
});

test("slow channels are left an eighth of their lane when prompt ones want everything", () => {
  const { begin, to, leave, pass } = open();
  const hung = begin(to("dead"), 1);
  pass(2_000);
  leave(hung);
  const prompt = Array.from({ length: 100 }, (_, index) => begin(to(`prompt ${index}`))).flat();
  expect(prompt.length).toBeGreaterThan(230);
  leave(prompt.slice(0, 4));
  expect(begin(to("dead"))).toHaveLength(2);
});

test("first attempts borrow the slots of redeliveries, and begin nothing on them once those want them", () => {
  const { hang, wanted, begin, to, leave } = open();
  const hung = hang("partly", 20);
  wanted[redelivery] = 64;
  leave(hung.splice(0, 10));
  expect(begin(to("partly"))).toHaveLength(0);
  expect(begin(to("again", redelivery), 8)).toHaveLength(8);
});

test("redeliveries borrow the slots of first attempts, and give them back alike", () => {
  const { hang, wanted, begin, to, leave } = open();
  const hung = hang("partly", 20, redelivery);
  expect(hung.length).toBeGreaterThan(64);
  wanted[first] = 192;
  leave(hung.splice(0, 10));
  expect(begin(to("partly", redelivery))).toHaveLength(0);
  expect(begin(to("new"), 8)).toHaveLength(8);
});

test("with one slot each lane has one", () => {
  const { begin, to } = open(1);
  expect(begin(to("a"))).toHaveLength(1);
  expect(begin(to("b", redelivery))).toHaveLength(1);
});
