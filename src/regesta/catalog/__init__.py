"""Where datasets and their versions live."""
