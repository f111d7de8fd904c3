import type { ReactNode } from "react";
import { Link } from "#components/ui/link.tsx";

export function BackToSignIn({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="text-sm text-brand hover:underline">
      {children}
    </Link>
  );
}
