// npm run docs:causes
import { writeFile } from "node:fs/promises";
import { causesPage } from "./causes-page.ts";

await writeFile(new URL("../../docs/causes.md", import.meta.url), causesPage());
