"""Failures rehearsed on purpose: what fails really fails, what helps really helps, and a report says how long it took."""
