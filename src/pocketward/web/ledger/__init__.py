"""The ledger: what was written, that it still stands as written, and each entry with its proof."""
