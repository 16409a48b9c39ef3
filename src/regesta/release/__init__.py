"""Releases: written, described, checked and loaded."""
