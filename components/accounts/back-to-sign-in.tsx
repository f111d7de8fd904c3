import Link from "next/link";
import type { ReactNode } from "react";

export function BackToSignIn({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="text-sm text-brand hover:underline">
      {children}
    </Link>
  );
}
