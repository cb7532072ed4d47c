"""The widget that paints a page, row by row: only rows that have changed travel to the terminal."""

from __future__ import annotations

from typing import assert_never

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from floor.widgets.page import Line, Page, Role
from floor.widgets.said_page import ErrorFace, HelpFace, error_page, help_page
from floor.widgets.signs import Signs
from floor.widgets.work_page import WorkFace, work_page

Face = WorkFace | ErrorFace | HelpFace


def lay_out(face: Face, width: int, height: int, signs: Signs) -> Page:
    """The page of a face in so many cells."""
    match face:
        case WorkFace():
            return work_page(face, width, height, signs)
        case ErrorFace():
            return error_page(face, width, height, signs)
        case HelpFace():
            return help_page(face, width, height, signs)
        case _:
            assert_never(face)


class PageView(Widget):
    """Shows one face on the whole of its cells. Takes no focus and no keys: scans never pass through a widget."""

    COMPONENT_CLASSES = {f"page--{role}" for role in Role}  # noqa: RUF012 - Textual declares it so
    DEFAULT_CSS = """
    PageView { width: 1fr; height: 1fr; }
    """

    face: reactive[Face | None] = reactive[Face | None](None, repaint=False, init=False)
    """What is shown."""

    def __init__(self, face: Face, signs: Signs) -> None:
        super().__init__()
        self._signs = signs
        self.page = Page((), ())
        """What is painted now."""
        self.set_reactive(PageView.face, face)

    def watch_face(self) -> None:
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        line = self.page.lines[y] if y < len(self.page.lines) else Line(Role.BLANK)
        style = self.get_component_rich_style(f"page--{line.role}")
        return Strip([Segment(line.painted(self.size.width), style)], self.size.width)

    def _lay_out(self) -> None:
        width, height = self.size
        if self.face is None or not width or not height:
            return
        old, self.page = self.page, lay_out(self.face, width, height, self._signs)
        changed = (
            Region(0, y, width, 1)
            for y, line in enumerate(self.page.lines)
            if y >= len(old.lines) or old.lines[y] != line
        )
        for region in changed:
            self.refresh(region)
