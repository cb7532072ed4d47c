"""A demo warehouse that picks in every way: with a put wall, and rules that choose among them all."""

from __future__ import annotations

from sync.store.site_files.files import SiteFile, example
from sync.store.site_files.setting import set_file
from sync.store.unit_of_work import UnitOfWork

BY = "demo"


def pick_in_all_ways(work: UnitOfWork) -> None:
    """The shipped examples count as the site's own files from now on."""
    for name in (SiteFile.WALLS, SiteFile.WAVES):
        text = example(name)
        if text is None:
            raise LookupError(f"no example of {name} is shipped")
        set_file(work, name, text, by=BY)
