// npm run docs:rooms
import { readFile, writeFile } from "node:fs/promises";
import { architecturePicture } from "./rooms-picture.ts";

const page = new URL("../docs/architecture.md", import.meta.url);
const text = await readFile(page, "utf8");
const [before = "", rest = ""] = text.split("<!-- floors -->\n");
await writeFile(
  page,
  `${before}<!-- floors -->\n${architecturePicture()}\n<!-- /floors -->${rest.split("<!-- /floors -->")[1]}`,
);
