"""Where a machine keeps what is ours: the XDG data directory, unless the environment or a flag says otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def data_dir() -> Path:
    """``$FLOORHAND_DATA``, else ``$XDG_DATA_HOME/floorhand``, else ``~/.local/share/floorhand``."""
    given = os.environ.get("FLOORHAND_DATA")
    if given:
        return Path(given)
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "floorhand"
