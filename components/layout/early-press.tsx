"use client";

import { useEffect } from "react";

declare global {
  interface Window {
    /** What was pressed last before React was there, and stops looking. */
    tocsinEarlyPress?: () => Element | undefined;
  }
}

/**
 * Clicks again, once the page can do it, what was clicked too early, so that on a slow connection dialogs and panels open all
 * the same.
 */
export function EarlyPress() {
  useEffect(() => {
    const pressed = window.tocsinEarlyPress?.();
    if (pressed instanceof HTMLElement && pressed.isConnected) press(pressed);
  }, []);
  return null;
}

/** Menus open with the pointer's going down, not with a click. */
function press(element: HTMLElement): void {
  if (element.getAttribute("aria-haspopup") === "menu") {
    element.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, cancelable: true }));
  } else {
    element.click();
  }
}
