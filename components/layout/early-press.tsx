"use client";

import { useEffect } from "react";

declare global {
  interface Window {
    /** What was pressed last before React was there, and stops looking. */
    tocsinEarlyPress?: () => Element | undefined;
  }
}

/** Presses again, once the page can do it, what was pressed too early: on a slow connection no press is lost. */
export function EarlyPress() {
  useEffect(() => {
    const pressed = window.tocsinEarlyPress?.();
    if (!(pressed instanceof HTMLElement) || !pressed.isConnected) return;
    // Menus open with the pointer, everything else with the click.
    pressed.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, cancelable: true }));
    pressed.click();
  }, []);
  return null;
}
