let unsaid: readonly string[] = [];
const listeners = new Set<() => void>();

function change(next: readonly string[]): void {
  unsaid = next;
  for (const listener of listeners) listener();
}

/** Says in a corner of the page, for a few seconds, that something is done. What shows it comes later than the page. */
export function toast(message: string | null): void {
  if (message !== null) change([...unsaid, message]);
}

/** What nothing has shown yet, for the one that shows it. */
export const toasts = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  unsaid: () => unsaid,
  clear: () => change([]),
};
