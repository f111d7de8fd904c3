/** A bell that rings: what a tocsin is. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={className}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M6.5 16.5c1-1 1.3-2.2 1.3-4.3V11a4.2 4.2 0 0 1 8.4 0v1.2c0 2.1.3 3.3 1.3 4.3Z" />
      <path d="M10.3 19.5a1.8 1.8 0 0 0 3.4 0M12 4v2.5M3 9.5 1.5 9M4.8 5.2 3.6 4M21 9.5l1.5-.5M19.2 5.2 20.4 4M3.5 13.5 2 14M20.5 13.5 22 14" />
    </svg>
  );
}
