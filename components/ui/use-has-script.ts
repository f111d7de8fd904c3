import { useSyncExternalStore } from "react";

/** Whether the page is alive: false in what the server sends, and for ever where no script runs. */
export const useHasScript = (): boolean =>
  useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  );

const neverChanges = () => () => undefined;
