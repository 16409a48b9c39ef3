"""The one door to databases."""
