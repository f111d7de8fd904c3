// npm run db:migrate: brings the database of DATABASE_URL to the newest migration. `npm start` does it by itself.
import { migrate } from "./migrate.ts";

const url = process.env.DATABASE_URL;
if (url === undefined || url === "") {
  console.error("DATABASE_URL must be set: the embedded database is migrated by `npm start`.");
  process.exitCode = 1;
} else {
  const applied = await migrate(url);
  console.log(applied.length === 0 ? "Nothing to do." : `Applied: ${applied.join(", ")}`);
}
