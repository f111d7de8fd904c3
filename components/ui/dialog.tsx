"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { buttonClass } from "./button.tsx";
import { cn } from "./cn.ts";

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

type PanelProps = {
  id?: string;
  title: ReactNode;
  /** What the panel is for; leave out where the title says it all. */
  text?: ReactNode;
  children?: ReactNode;
  className?: string;
  /** Moves the focus once it is closed; absent: back to what opened it. */
  onClosed?: () => void;
};

export function DialogContent({ className, ...props }: PanelProps) {
  return (
    <Panel
      {...props}
      className={cn(
        "top-1/2 left-1/2 w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-card p-5 data-[state=open]:fade-in-0",
        className,
      )}
    />
  );
}

/** The side bar on a small screen. */
export function SheetContent({ className, ...props }: Omit<PanelProps, "text">) {
  return (
    <Panel
      {...props}
      hideTitle
      className={cn(
        "inset-y-0 left-0 flex w-72 max-w-[85vw] flex-col bg-sunk data-[state=open]:slide-in-from-left",
        className,
      )}
    />
  );
}

function Panel({
  id,
  title,
  text,
  hideTitle = false,
  children,
  className,
  onClosed,
}: PanelProps & { hideTitle?: boolean }) {
  const t = useTranslations("common");
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-40 bg-[#131218]/50 data-[state=open]:animate-in data-[state=open]:fade-in-0" />
      <Primitive.Content
        className={cn(
          "fixed z-50 max-h-dvh overflow-y-auto border bg-surface text-ink shadow-xl outline-none data-[state=open]:animate-in",
          className,
        )}
        {...(id === undefined ? {} : { id })}
        {...(text === undefined ? { "aria-describedby": undefined } : {})}
        {...(onClosed === undefined
          ? {}
          : {
              onCloseAutoFocus: (event) => {
                event.preventDefault();
                onClosed();
              },
            })}
      >
        <Primitive.Title className={hideTitle ? "sr-only" : "pr-10 text-lg font-semibold"}>
          {title}
        </Primitive.Title>
        {text !== undefined && (
          <Primitive.Description className="mt-1 text-dim">{text}</Primitive.Description>
        )}
        {children}
        <Primitive.Close
          className={cn(buttonClass({ look: "ghost", size: "icon" }), "absolute top-2.5 right-2.5")}
          aria-label={t("close")}
        >
          <X aria-hidden />
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
