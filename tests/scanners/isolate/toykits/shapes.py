"""A toy kit: shapes. Imported into the test run itself; the others must never be."""
