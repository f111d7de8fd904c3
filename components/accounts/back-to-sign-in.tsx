import Link from "next/link";
import type { ReactNode } from "react";

export function BackToSignIn({ children }: { children: ReactNode }) {
  return (
    <Link href="/sign-in" className="text-sm text-brand hover:underline">
      {children}
    </Link>
  );
}
