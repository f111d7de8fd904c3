import "server-only";
import { cache } from "react";
import { databaseTime } from "#lib/time/database-time.ts";
import { database } from "./database.ts";

/** The database's time, asked once per request: what a page shows and counts goes by one moment. */
export const consoleTime = cache((): Promise<Date> => databaseTime(database().db));
