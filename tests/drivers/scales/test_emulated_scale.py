"""The emulated scale as a program of its own, as a site or the demo starts it."""

import subprocess
import sys

import pytest

from drivers.emulators.scale import EmulatedScale
from drivers.readings import Weight
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.units import Unit
from drivers.transport.tcp import TcpAddress
from tests.drivers.waiting import LIMIT_S


def test_it_runs_by_itself_and_takes_loads_line_by_line() -> None:
    program = [sys.executable, "-m", "drivers.emulators.scale", "--protocol", "toledo-8217", "--port", "0"]
    with subprocess.Popen(
        [*program, "--unit", "lb", "--decimals", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as emulated:
        assert emulated.stdin is not None
        assert emulated.stdout is not None
        port = int(emulated.stdout.readline().partition(":")[2].partition(".")[0])
        emulated.stdin.write("heavy\n12.34\n")
        emulated.stdin.flush()
        assert emulated.stdout.readline().startswith("'heavy' is no load that can lie on a scale. Nothing was changed.")
        with Scale("scale 2", TcpAddress("127.0.0.1", port), PROTOCOLS["toledo-8217"], Unit.POUND) as scale:
            found = scale.weigh(LIMIT_S)
        emulated.stdin.close()
        assert emulated.wait(LIMIT_S) == 0
    assert isinstance(found, Weight)
    assert found.shown == "12.34 lb"


@pytest.mark.parametrize("load", ["", "NaN", "Infinity", "1e9", "a lot"])
def test_what_cannot_lie_on_a_scale_is_refused(load: str) -> None:
    with EmulatedScale("mt-sics") as emulated, pytest.raises(ValueError, match="no load that can lie on a scale"):
        emulated.put(load)
