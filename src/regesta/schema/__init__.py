"""The tables: described once, checked by what they say of themselves."""
