import type { Place } from "#e2e/front-ends/place.ts";
import { ownPort } from "#e2e/front-ends/ports.ts";

/** PHP-FPM with two processes; gives its port. */
export async function startPhp(place: Place, more = ""): Promise<number> {
  const port = await ownPort();
  const path = place.write(
    "php-fpm.conf",
    `[global]
error_log = /dev/stderr
daemonize = no
[www]
listen = 127.0.0.1:${port}
pm = static
pm.max_children = 2
php_admin_value[error_log] = /dev/stderr
${more}
`,
  );
  await place.run("php-fpm", ["php-fpm8.2", "--nodaemonize", "--fpm-config", path], [port]);
  return port;
}

/** Lines for nginx that hand every path on to one script. */
export function phpLocation(port: number, script: string): string {
  return `location / {
      fastcgi_pass 127.0.0.1:${port};
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME ${script};
    }`;
}
