"""Questions over the tables."""
