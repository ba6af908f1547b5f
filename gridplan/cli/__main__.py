"""`python -m gridplan.cli` does what `gridplan` does."""

from gridplan.cli.app import main

if __name__ == "__main__":
    main()
