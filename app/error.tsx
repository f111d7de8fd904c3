"use client"; // Next asks for it in every error file.

import { FailedPage } from "#components/ui/failed-page.tsx";

export default FailedPage;
