/** How many rows a file has, counted before it begins; also in its name, as proxies and browsers lose headers. */
export const rowCountHeader = "x-row-count";
