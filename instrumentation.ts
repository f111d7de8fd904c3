/**
 * Next runs this once before it answers anything. The console's handle is opened here, which connects to nothing yet: the proxy
 * asks it whether the database answers, also before the very first page.
 */
export async function register(): Promise<void> {
  const { database } = await import("#lib/web/database.ts");
  database();
}
