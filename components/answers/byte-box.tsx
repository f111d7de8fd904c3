import { CopyButton } from "#components/ui/copy-button.tsx";

type ByteBoxProps = {
  label: string;
  /** What the button copies and what that is called; the text as shown, by its label, where nothing else is said. Null: no button. */
  copies?: { text?: string; what?: string } | null;
  children: string;
};

/** Text from elsewhere, as it is: never markup, in a box of its own that scrolls, with a button that copies it. */
export function ByteBox({ label, copies = {}, children }: ByteBoxProps) {
  return (
    <div data-copied className="relative">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-sm bg-sunk p-2.5 pr-12"
      >
        <pre className="font-mono text-xs whitespace-pre-wrap break-all">{children}</pre>
      </section>
      {copies !== null && (
        <CopyButton
          text={copies.text ?? null}
          what={copies.what ?? label}
          className="absolute top-1 right-1 bg-sunk"
        />
      )}
    </div>
  );
}
