import type { ReactNode } from "react";
import { AuthFrame } from "#components/layout/auth-frame.tsx";
import { currentTheme } from "#lib/web/taste.ts";
import { switchLanguage, switchTheme } from "./actions.ts";

export default async function AuthLayout({ children }: { children: ReactNode }) {
  const theme = await currentTheme();
  return (
    <AuthFrame switchLanguage={switchLanguage} themeChoice={{ theme, action: switchTheme }}>
      {children}
    </AuthFrame>
  );
}
