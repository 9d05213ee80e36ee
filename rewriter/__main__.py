"""``python -m rewriter``: the command, where its script is not on the path."""

from rewriter.cli import main

if __name__ == "__main__":
    main()
