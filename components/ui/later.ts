import { useEffect, useEffectEvent, useState } from "react";
import { whenIdle } from "./when-idle.ts";

/** Something whose script is of no page's first: it comes when the page has come to rest, or when it is wanted sooner. */
export type Later<Part> = {
  /** Resolves with the same for all who ask; asks anew after it could not be had. */
  load: () => Promise<Part>;
  /** What has come so far. */
  come: () => Part | undefined;
};

/** Give it the `import()`, so that the bundler knows where to cut. */
export function later<Part>(bring: () => Promise<Part>): Later<Part> {
  let part: Part | undefined;
  let coming: Promise<Part> | undefined;
  const load = () => {
    coming ??= bring().then(
      (come) => {
        part = come;
        return come;
      },
      (error: unknown) => {
        coming = undefined;
        throw error;
      },
    );
    return coming;
  };
  return { load, come: () => part };
}

/**
 * The part once it has come; undefined before, and on the server. Not by React's `lazy`: whoever presses has to see at once that it is
 * on its way, and a part that cannot be had must not take the page with it. `onLost` is called when it was wanted and cannot be had.
 */
export function useLater<Part>(
  wanted: Later<Part>,
  isWanted: boolean,
  onLost: () => void,
): Part | undefined {
  // The function in an object: a part may be a function, which a state would call.
  const [{ part }, setCome] = useState<{ part: Part | undefined }>({ part: undefined });
  const giveUp = useEffectEvent(onLost);
  useEffect(() => {
    let isHere = true;
    const load = () =>
      wanted.load().then(
        (come) => isHere && setCome({ part: come }),
        () => isHere && isWanted && giveUp(),
      );
    const letBe = isWanted ? undefined : whenIdle(load);
    if (isWanted) void load();
    return () => {
      isHere = false;
      letBe?.();
    };
  }, [wanted, isWanted]);
  return part ?? (isWanted ? wanted.come() : undefined);
}
