/**
 * Next runs this once before it answers anything. The console's handle is opened here: the proxy asks it whether the database
 * answers, also before the very first page. With a key that opens nothing in the database the console does not start.
 */
export async function register(): Promise<void> {
  const { keepFormatters } = await import("#lib/web/keep-formatters.ts");
  keepFormatters();
  const { endUnlessKeyIsRight } = await import("#lib/web/require-key.ts");
  await endUnlessKeyIsRight();
  const { sharedRooms } = await import("#lib/web/shared-rooms.ts");
  if (sharedRooms.tocsinFirst === undefined) return;
  const { openAnswerFirst } = await import("#lib/web/answer-first.ts");
  sharedRooms.tocsinFirst.answer = await openAnswerFirst();
}

/** Next tells it what broke a page or route handler, before that has answered. */
export async function onRequestError(error: unknown): Promise<void> {
  const { noteUnavailable } = await import("#lib/web/note-unavailable.ts");
  noteUnavailable(error);
}
