"""Double entry: accounts, an append-only journal, postings that sum to zero for each journal and currency."""
