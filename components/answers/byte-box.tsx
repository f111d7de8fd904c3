/** Text from elsewhere, as it is: never markup, in a box of its own that scrolls. */
export function ByteBox({ label, children }: { label: string; children: string }) {
  return (
    // A box that scrolls must be reachable by keyboard.
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-sm bg-sunk p-2.5"
    >
      <pre className="font-mono text-xs whitespace-pre-wrap break-all">{children}</pre>
    </section>
  );
}
