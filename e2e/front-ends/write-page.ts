// npm run docs:front-ends
import { writeFile } from "node:fs/promises";
import { frontEndsPage } from "./page.ts";

await writeFile(new URL("../../docs/front-ends.md", import.meta.url), frontEndsPage());
