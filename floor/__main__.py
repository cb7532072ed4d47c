"""``python -m floor``."""

from floor.cli import main

if __name__ == "__main__":
    main()
