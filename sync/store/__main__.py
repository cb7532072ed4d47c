"""The central order store alone: ``python -m sync.store``."""

from sync.store.commands.group import store

if __name__ == "__main__":
    store(prog_name="floor store")
