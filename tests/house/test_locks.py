"""The lock files: exact, hashed, of one mind, and complete for what pyproject.toml asks."""

import re
import tomllib

import pytest

from tests.house.tree import REPOSITORY

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<rest>.*)$")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lock: str) -> dict[str, tuple[str, int]]:
    """Name to version and number of hashes; every line that is neither comment nor hash has to be a pin."""
    pins: dict[str, tuple[str, int]] = {}
    text = re.sub(r"\\\n\s*", "", (REPOSITORY / lock).read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            pin = PIN.match(line)
            assert pin is not None, f"{lock}: this is no exact pin: {line}"
            pins[_plain(pin["name"])] = (pin["version"], pin["rest"].count("--hash=sha256:"))
    return pins


def _asked(extra: str | None) -> dict[str, str]:
    """Name to what follows it, such as ==8.2.8 or nothing."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    parts = [re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?(.*)", line) for line in wanted]
    return {_plain(part[1]): part[2] for part in parts if part}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_hashes(lock: str) -> None:
    pins = _pins(lock)
    assert pins
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []


@pytest.mark.parametrize(("lock", "extra"), [("requirements.lock", None), ("requirements-dev.lock", "dev")])
def test_the_lock_pins_all_that_the_project_asks(lock: str, extra: str | None) -> None:
    pins = _pins(lock)
    asked = _asked(extra)
    assert set(asked) <= set(pins)
    assert [n for n, bound in asked.items() if bound.startswith("==") and bound != f"=={pins[n][0]}"] == []


def test_both_locks_pin_the_same_versions() -> None:
    run, dev = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run
