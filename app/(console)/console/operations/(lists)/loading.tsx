import { LoadingPage } from "#components/ui/loading-page.tsx";

export default function Loading() {
  return <LoadingPage />;
}
