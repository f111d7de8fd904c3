import { spawnSync } from "node:child_process";
import { serverEnv } from "./process.ts";

/** A program of Debian 12 that the tests run. */
type DebianProgram = {
  /** What installs it. */
  package: string;
  /** What people call it. */
  name: string;
  command: string;
  versionArgs: readonly string[];
  /** The version the situations were written down with. */
  version: string;
};

export const programs = {
  nginx: program("nginx", "nginx", "nginx", ["-v"], "1.22.1"),
  apache: program("Apache", "apache2", "apache2", ["-v"], "2.4.71"),
  caddy: program("Caddy", "caddy", "caddy", ["version"], "2.6.2"),
  haproxy: program("HAProxy", "haproxy", "haproxy", ["-v"], "2.6.12"),
  lighttpd: program("lighttpd", "lighttpd lighttpd-mod-openssl", "lighttpd", ["-v"], "1.4.69"),
  h2o: program("H2O", "h2o", "h2o", ["-v"], "2.2.5"),
  nghttpx: program("nghttpx", "nghttp2-proxy", "nghttpx", ["--version"], "1.52.0"),
  varnish: program("Varnish", "varnish", "varnishd", ["-V"], "7.1.1"),
  squid: program("Squid", "squid", "squid", ["-v"], "5.7"),
  stunnel: program("stunnel", "stunnel4", "stunnel4", ["-version"], "5.68"),
  gunicorn: program("gunicorn", "gunicorn", "gunicorn", ["--version"], "20.1.0"),
  php: program("PHP-FPM", "php8.2-fpm", "php-fpm8.2", ["-v"], "8.2"),
  puma: program("puma", "puma", "puma", ["--version"], "5.6.5"),
  uvicorn: program(
    "uvicorn",
    "python3-uvicorn",
    "/usr/bin/python3",
    ["-m", "uvicorn", "--version"],
    "0.17.6",
  ),
  hypercorn: program(
    "Hypercorn",
    "python3-hypercorn",
    "/usr/bin/python3",
    ["-c", "import hypercorn"],
    "0.13.2",
  ),
} as const satisfies Record<string, DebianProgram>;

export type ProgramName = keyof typeof programs;

/** The programs of these that this machine lacks. */
export function missingPrograms(names: readonly ProgramName[]): ProgramName[] {
  return names.filter((name) => !isInstalled(name));
}

const installed = new Map<ProgramName, boolean>();

function isInstalled(name: ProgramName): boolean {
  const known = installed.get(name);
  if (known !== undefined) return known;
  const { command, versionArgs } = programs[name];
  const { status } = spawnSync(command, versionArgs, { env: serverEnv(), timeout: 20_000 });
  installed.set(name, status === 0);
  return status === 0;
}

function program(
  name: string,
  debianPackage: string,
  command: string,
  versionArgs: readonly string[],
  version: string,
): DebianProgram {
  return { name, package: debianPackage, command, versionArgs, version };
}
