"""The hall: each flow of the command line, step by step."""
