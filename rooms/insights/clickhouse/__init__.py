"""Viewer events in ClickHouse: the table, the way to it, and the copies that the process of the events writes."""
