"""A command as somebody types it, in this process; its exit code is part of what is expected."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import CliRunner, Result

from floor.cli import floor

Run = Callable[..., Result]


def store_command(*before: str) -> Run:
    """``floor store``, and ``before`` every word that is given."""

    def call(*words: object, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(floor, ["store", *before, *map(str, words)])
        assert result.exit_code == exit_code, (result.output, result.stderr, result.exception)
        return result

    return call
