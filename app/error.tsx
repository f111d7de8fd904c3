import { FailedPage } from "#components/ui/failed-page.tsx";

export default FailedPage;
