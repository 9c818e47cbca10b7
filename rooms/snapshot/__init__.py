"""Everything a late joiner needs, and the law that keeps it true: old snapshot + later messages = new snapshot."""
