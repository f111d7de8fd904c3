/** The process answers. Nothing else is looked at, so a slow database does not get the process restarted. */
export function GET(): Response {
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}
