"""Merchants, their domains and schemas: create by clone, suspend, quotas."""
