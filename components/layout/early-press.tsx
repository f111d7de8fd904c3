"use client";

import { useEffect } from "react";

declare global {
  interface Window {
    /** What was pressed last before React was there, and stops looking. */
    tocsinEarlyPress?: () => Element | undefined;
  }
}

const lookEveryMs = 50;
/** Parts of a page come to life one after the other; what takes longer has been given up. */
const looksMax = 200;

/**
 * Presses again, once the page can do it, what was pressed too early, so that on a slow connection dialogs, panels and menus open all
 * the same.
 */
export function EarlyPress() {
  useEffect(() => {
    const pressed = window.tocsinEarlyPress?.();
    if (!(pressed instanceof HTMLElement)) return;
    let looks = 0;
    const timer = setInterval(() => {
      looks += 1;
      const isAlive = isReact(pressed);
      if (isAlive || looks > looksMax || !pressed.isConnected) clearInterval(timer);
      if (isAlive && pressed.isConnected) press(pressed);
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  return null;
}

/** React marks the elements that it has taken over; nothing else tells when a part that came later is alive. */
const isReact = (element: HTMLElement): boolean =>
  Object.keys(element).some((name) => name.startsWith("__reactProps$"));

/** Menus open with the pointer's going down, not with a click. */
function press(element: HTMLElement): void {
  if (element.getAttribute("aria-haspopup") === "menu") {
    element.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, cancelable: true }));
  } else {
    element.click();
  }
}
