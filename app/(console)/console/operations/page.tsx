import { redirect } from "next/navigation";

export default function OperationsPage() {
  redirect("/console/operations/platform-keys");
}
