import type { ReactNode } from "react";
import { AuthFrame } from "#components/accounts/auth-frame.tsx";
import { switchLanguage } from "./actions.ts";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return <AuthFrame switchLanguage={switchLanguage}>{children}</AuthFrame>;
}
