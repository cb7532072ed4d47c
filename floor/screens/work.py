"""The work screen: one page on the whole terminal, whatever the step."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from floor.widgets.page_view import Face, PageView
from floor.widgets.signs import Signs


class WorkScreen(Screen[None]):
    """Shows one face after another; asks nothing itself, the app collects scans and keys before any widget."""

    def __init__(self, face: Face, signs: Signs) -> None:
        super().__init__()
        self._view = PageView(face, signs)

    def compose(self) -> ComposeResult:
        yield self._view

    def show(self, face: Face) -> None:
        self._view.face = face
