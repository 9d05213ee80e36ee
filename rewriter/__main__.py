"""``python -m rewriter`` runs the command, even if its script is not on the path."""

from rewriter.cli import main

if __name__ == "__main__":
    main()
