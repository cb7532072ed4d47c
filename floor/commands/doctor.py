"""`floor doctor`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from floor.config import BadProfile, load_profile

EXIT_FAILED = 1
EXIT_UNUSABLE = 3


@click.command("doctor")
@click.option("--profile", "profile_path", type=click.Path(path_type=Path), help="The terminal's profile (TOML).")
@click.option("--json", "as_json", is_flag=True, help="The findings as a JSON list.")
@click.option("--keys", "with_keys", is_flag=True, help="Ask for each key, too, and say what arrived.")
def doctor(profile_path: Path | None, as_json: bool, with_keys: bool) -> None:
    """Test devices, store, clock, disk, record and terminal; one line each says what is wrong and what to do.

    Prints nothing on paper and changes nothing. Exit codes: 0 nothing failed, 1 something did, 3 no such profile.
    """
    from floor.doctor.checks import all_probes
    from floor.doctor.findings import examine, has_failed
    from floor.keymap import Keymap, KeymapFault

    try:
        profile = load_profile(profile_path, {})
        keymap = Keymap.from_table(profile.keys)
    except (BadProfile, KeymapFault) as error:
        click.echo(f"floor doctor: {error}", err=True)
        raise SystemExit(EXIT_UNUSABLE) from error
    if with_keys and not sys.stdin.isatty():
        raise click.UsageError("--keys needs a terminal to press them on: start it in one")
    findings = examine(all_probes(profile))
    if with_keys:
        from floor.doctor.keys import ask_keys

        findings += ask_keys(keymap, lambda text: click.echo(text, err=True))
    if as_json:
        found = [{"grade": f.told.grade, "what": f.what, "how": f.told.how, "todo": f.told.todo} for f in findings]
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(finding.line)
    if has_failed(findings):
        raise SystemExit(EXIT_FAILED)
