"""From a publisher's file to a tidy raw table: one module a dataset, one catalogue entry an edition."""
