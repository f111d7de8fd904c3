import { type Ref, useLayoutEffect } from "react";

/** For a Radix trigger `asChild`: hands it a button that is on the page already, and draws nothing. */
export function StandIn({ of, ref }: { of: HTMLElement | null; ref?: Ref<HTMLElement> }) {
  useLayoutEffect(() => {
    if (typeof ref === "function") ref(of);
    else if (ref != null) ref.current = of;
  }, [of, ref]);
  return null;
}
