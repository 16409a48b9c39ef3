"""`python -m regesta` is `regesta`."""

from regesta.cli import main

if __name__ == "__main__":
    main()
