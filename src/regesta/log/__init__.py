"""The log: what a record is, what would be recorded, what it adds up to."""
