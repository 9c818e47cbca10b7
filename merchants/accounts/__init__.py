"""People, roles, permissions, guests."""
