"""The payment machine: cards, attempts, authentication, capture, disputes, what time brings."""
