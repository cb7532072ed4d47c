"""The scripts: they can be started, and they say what is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY

SCRIPTS = sorted(
    p for p in [*(REPOSITORY / "scripts").iterdir(), REPOSITORY / ".ci" / "run"] if p.is_file() and not p.suffix
)


def _run(*command: str | Path, cwd: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={"PATH": str(path)}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """The repository's top and scripts, and bin/ as on a machine that has neither Python nor apt-get."""
    shutil.copytree(REPOSITORY / "scripts", tmp_path / "scripts")
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for program in ("bash", "cat", "cut", "dirname", "env", "grep", "id", "sha256sum"):
        found = shutil.which(program)
        assert found is not None
        (tmp_path / "bin" / program).symlink_to(found)
    return tmp_path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_started_and_parsed(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    first_line = script.read_text(encoding="utf-8").splitlines()[0]
    if first_line == "#!/usr/bin/env bash":
        subprocess.run(["bash", "-n", script], check=True, timeout=60)
    else:
        assert "python" in first_line


def test_setup_says_what_to_install_when_there_is_no_python(bare_checkout: Path) -> None:
    done = _run("scripts/setup", cwd=bare_checkout, path=bare_checkout / "bin")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "setup: Floorhand needs Python 3.11 or newer and found none; on Debian 12: apt-get install python3-venv\n"
    )
    assert not (bare_checkout / ".venv").exists()


def test_setup_refuses_an_argument_it_does_not_know(bare_checkout: Path) -> None:
    done = _run("scripts/setup", "--help", cwd=bare_checkout, path=bare_checkout / "bin")
    assert (done.returncode, done.stderr) == (
        2,
        "setup: unknown argument --help; use scripts/setup or scripts/setup dev\n",
    )


def test_packages_are_named_when_nobody_can_install_them(bare_checkout: Path) -> None:
    done = _run("scripts/install-packages", "postgresql", cwd=bare_checkout, path=bare_checkout / "bin")
    assert done.returncode == 1
    assert done.stderr == (
        "install-packages: there is no apt-get here; install what Debian calls postgresql and start again\n"
    )
