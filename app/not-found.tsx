import { NothingHere } from "#components/layout/nothing-here.tsx";

export default function NotFoundPage() {
  return <NothingHere />;
}
