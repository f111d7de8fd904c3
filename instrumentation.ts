/**
 * Next runs this once before it answers anything. The console's handle is opened here, which connects to nothing yet: the proxy
 * asks it whether the database answers, also before the very first page.
 */
export async function register(): Promise<void> {
  const { database } = await import("#lib/web/database.ts");
  database();
}

/** Next tells it what broke a page or route handler, before that has answered. */
export async function onRequestError(error: unknown): Promise<void> {
  const { noteUnavailable } = await import("#lib/web/note-unavailable.ts");
  noteUnavailable(error);
}
