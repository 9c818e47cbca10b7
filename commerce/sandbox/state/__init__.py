"""What survives a kill: the SQLite store, remembered requests, the clock, identifiers."""
