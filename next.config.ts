import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const nextConfig: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run verify` checks types; a build need not do it twice.
  typescript: { ignoreBuildErrors: true },
  // No optimiser: its endpoint has been the source of too many advisories, and the console has no photographs.
  images: { unoptimized: true },
  serverExternalPackages: ["pg", "pg-copy-streams", "pino", "@node-rs/argon2", "prom-client"],
  experimental: {
    serverActions: { bodySizeLimit: "1mb" },
    // What is kept in memory of a body, whoever sends it, before anything is asked; past it the body breaks off.
    proxyClientMaxBodySize: "2mb",
  },
  devIndicators: false,
  // Everything else gets its headers from proxy.ts.
  headers: async () => [
    {
      source: "/_next/static/:path*",
      headers: [{ key: "x-content-type-options", value: "nosniff" }],
    },
  ],
};

export default createNextIntlPlugin("./lib/web/request.ts")(nextConfig);
