"""Currencies, fees and balances in integer minor units."""
