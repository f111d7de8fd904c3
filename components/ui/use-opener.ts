import { type ComponentProps, useId, useState } from "react";
import { type Later, useLater } from "./later.ts";

/** What is opened knows of what opens it. */
export type OpenedBy = {
  id: string;
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  trigger: HTMLElement | null;
  /** A menu that is opened by the keyboard begins at its first line. */
  isByKey: boolean;
};

export type Opener<Part> = {
  /** For the button, which is there from the first. */
  trigger: ComponentProps<"button">;
  by: OpenedBy;
  /** What is opened; undefined while nobody asked for it, or it has not come. It stays when closed, to give the focus back. */
  part: Part | undefined;
};

/**
 * A button that opens a dialog or a menu whose script comes later. The button is alive with the page and says at once that it was
 * pressed; from pointing at it or focusing it on, the script is on its way.
 */
export function useOpener<Part>(
  opened: Later<Part>,
  kind: "dialog" | "menu",
  outside?: { isOpen: boolean; setOpen: (isOpen: boolean) => void },
): Opener<Part> {
  const id = useId();
  const [isOwnOpen, setOwnOpen] = useState(false);
  const { isOpen, setOpen } = outside ?? { isOpen: isOwnOpen, setOpen: setOwnOpen };
  const [isByKey, setByKey] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen && !wasOpen) setWasOpen(true);
  const [trigger, setTrigger] = useState<HTMLElement | null>(null);
  const part = useLater(opened, isOpen, () => setOpen(false));
  const prepare = () => void opened.load().catch(() => undefined);
  const open = (next: boolean, byKey: boolean) => {
    setByKey(byKey);
    setOpen(next);
  };
  return {
    trigger: {
      ref: setTrigger,
      id: `${id}button`,
      type: "button",
      "aria-haspopup": kind,
      "aria-expanded": isOpen,
      "aria-controls": isOpen && part !== undefined ? id : undefined,
      "aria-busy": (isOpen && part === undefined) || undefined,
      onPointerEnter: prepare,
      onFocus: prepare,
      ...(kind === "dialog" ? { onClick: () => open(!isOpen, false) } : menuPresses(isOpen, open)),
    },
    by: { id, isOpen, setOpen, trigger, isByKey },
    part: isOpen || wasOpen ? part : undefined,
  };
}

/** Menus open with the pointer's going down, and by the keys that go into them: as those of the desktop. */
function menuPresses(
  isOpen: boolean,
  open: (next: boolean, byKey: boolean) => void,
): ComponentProps<"button"> {
  return {
    onPointerDown: (event) => {
      if (event.button !== 0 || event.ctrlKey) return;
      open(!isOpen, false);
      // The menu takes the focus; the press must not bring it back.
      if (!isOpen) event.preventDefault();
    },
    onKeyDown: (event) => {
      if (event.key === "Enter" || event.key === " ") open(!isOpen, true);
      else if (event.key === "ArrowDown") open(true, true);
      else return;
      event.preventDefault();
    },
  };
}
