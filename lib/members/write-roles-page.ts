// npm run docs:roles
import { writeFile } from "node:fs/promises";
import { rolesPage } from "./roles-page.ts";

await writeFile(new URL("../../docs/roles.md", import.meta.url), rolesPage());
