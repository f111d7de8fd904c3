import { expect, test } from "vitest";
import { namesLine } from "./names-line.ts";

test.each([
  "LINE",
  "line",
  "LiNe bot",
  "My LINE",
  "MyLINE",
  "MyLine",
  "LINEbot",
  "LineShop",
  "lineShop",
  "LINE公式",
  "公式line",
  "LINE2",
  "line-up",
  "ＬＩＮＥ",
])("%s uses the platform's name", (name) => expect(namesLine(name)).toBe(true));

test.each([
  "Online shop",
  "ONLINE SHOP",
  "OnLinear",
  "Pipeline",
  "Airlines",
  "AIRLINE",
  "Linear",
  "Deadline",
  "Li ne",
  "ライン",
])("%s does not", (name) => expect(namesLine(name)).toBe(false));
