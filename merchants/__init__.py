"""Ground floor: foundation, tenants, accounts, compliance, the office's frame."""
