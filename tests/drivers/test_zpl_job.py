"""What a print job asks for."""

import pytest

from drivers.printers.zpl_job import labels_in_job


@pytest.mark.parametrize(
    ("job", "labels"),
    [
        (b"^XA^FO10,10^FDx^FS^XZ", 1),
        (b"^XA^PQ3^FDx^FS^XZ", 3),
        (b"^XA^PQ3^FDx^FS^PQ2,0,1,Y^XZ", 2),
        (b"\r\n^xa^FDx^FS^xz\r\n^XA^GB10,10,2^FS^XZ\n", 2),
        (b"^XA^PW800^XZ", 0),
        (b"^XA^PW800^XZ^XA^GFA,1,1,1,FF^FS^XZ", 1),
        (b"^XA^PQ0^FDx^FS^XZ", 0),
        (b"^XA^FDx^FS^XZ^XA^FDy^FS^XZ", 2),
        (b"^XA^FDx^FS^XZ\r\n^XZ^XA^PQ2^FDy^FS^XZ^XZ\n", 3),
        (b"^X\r\nA^PQ 2^F\nDx^FS^XZ", 2),
        (b"", None),
        (b"^XZ^XA^FDx^FS^XZ", None),
        (b"^XA^FDx^FS", None),
        (b"^FDx^FS^XZ", None),
        (b"^XA^FDx^FS^XZ^XA^FDhalf", None),
        (b"~JR^XA^FDx^FS^XZ", None),
    ],
)
def test_labels_are_counted_in_whole_jobs_only(job: bytes, labels: int | None) -> None:
    assert labels_in_job(job) == labels
