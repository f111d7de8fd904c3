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
 * the same. Menus open with the pointer's going down and have to be pressed once more.
 */
export function EarlyPress() {
  useEffect(() => {
    const pressed = window.tocsinEarlyPress?.();
    if (pressed instanceof HTMLElement && pressed.isConnected) pressed.click();
  }, []);
  return null;
}
