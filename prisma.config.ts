import { defineConfig } from "prisma/config";

// Only for those who run the Prisma CLI themselves; the product migrates with prisma/migrate.ts.
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
