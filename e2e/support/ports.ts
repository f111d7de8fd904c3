/** Away from the defaults, so that a product in use on this machine is left alone. */
export const consolePort = Number(process.env.E2E_PORT ?? 3310);
export const enginePort = consolePort + 1;
export const smtpPort = consolePort + 2;
export const botPort = consolePort + 3;
export const oidcPort = consolePort + 4;
export const secondConsolePort = consolePort + 5;
