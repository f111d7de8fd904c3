/** The pages of Statistics that have filters, by the names their texts go by. */
export type FilteredPage = "webhook-errors" | "deliveries";
