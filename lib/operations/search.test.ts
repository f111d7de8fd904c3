import { expect, test } from "vitest";
import { channelsNotUnderstood, parseChannelSearch } from "#lib/channels/list-search.ts";
import { givenBy } from "#lib/not-understood.ts";
import { parseListSearch, searchNotUnderstood } from "./search.ts";

test.each([
  ["operators' lists", parseListSearch, searchNotUnderstood],
  ["lists of channels", parseChannelSearch, channelsNotUnderstood],
])(
  "in the address of %s a name may stand twice that says the same, as everywhere",
  (_, parse, notUnderstood) => {
    const same = givenBy(new URLSearchParams("q=bot&q=bot&after=7&after=7"));
    expect(parse(same)).toMatchObject({ q: "bot", after: "7" });
    expect(notUnderstood(same)).toEqual([]);
    const other = givenBy(new URLSearchParams("q=bot&q=shop"));
    expect(parse(other)).toMatchObject({ q: "", after: null });
    expect(notUnderstood(other)).toEqual([{ name: "q", value: "bot, shop" }]);
  },
);
