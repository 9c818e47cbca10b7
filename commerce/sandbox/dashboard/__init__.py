"""The "test payments" pages a person reads."""
