import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { EarlyPress } from "#components/layout/early-press.tsx";
import { shareSize } from "#components/layout/pictures.ts";
import { rememberEarlyPress } from "#components/layout/remember-early-press.ts";
import { cn } from "#components/ui/cn.ts";
import { Toaster } from "#components/ui/toaster.tsx";
import { env } from "#lib/env.ts";
import { nonceOf } from "#lib/web/security-headers.ts";
import { currentTheme } from "#lib/web/taste.ts";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common");
  return {
    metadataBase: new URL(env().baseUrl),
    title: { default: "Tocsin", template: "%s · Tocsin" },
    description: t("tagline"),
    robots: { index: false, follow: false },
    manifest: "/site.webmanifest",
    icons: {
      icon: [
        { url: "/favicon.ico", sizes: "32x32" },
        { url: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      ],
      apple: "/apple-touch-icon.png",
    },
    // Whoever unfolds a shared link is signed out, and led to a page that says no more than this.
    openGraph: {
      type: "website",
      siteName: "Tocsin",
      images: [{ url: "/share.png", ...shareSize, alt: t("tagline") }],
    },
    twitter: { card: "summary_large_image" },
  };
}

/** As --bg of globals.css; for the browser's own bars, and for the page before its style sheet is there. */
const backgrounds = { light: "#f6f5f2", dark: "#131218" };

export async function generateViewport(): Promise<Viewport> {
  const theme = await currentTheme();
  if (theme !== "system") return { colorScheme: theme, themeColor: backgrounds[theme] };
  return {
    colorScheme: "light dark",
    themeColor: [
      { media: "(prefers-color-scheme: light)", color: backgrounds.light },
      { media: "(prefers-color-scheme: dark)", color: backgrounds.dark },
    ],
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, theme, { common, accounts }, asked] = await Promise.all([
    getLocale(),
    currentTheme(),
    getMessages(),
    headers(),
  ]);
  return (
    <html
      lang={locale}
      className={cn(GeistSans.variable, GeistMono.variable, theme !== "system" && theme)}
    >
      <body className="min-h-dvh">
        <script
          nonce={nonceOf(asked)}
          // Browsers hide the nonce from whoever reads the page, and so from React.
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant; as text React would write its quotes as entities.
          dangerouslySetInnerHTML={{ __html: rememberEarlyPress }}
        />
        {/* What the pages before sign-in need; the console adds the rest. */}
        <NextIntlClientProvider messages={{ common, accounts }}>
          {children}
          <Toaster />
          <EarlyPress />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
