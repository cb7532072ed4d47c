"""What goes wrong with a device, as exceptions whose text can be shown to a worker as it stands."""


class DeviceFault(Exception):
    """A device cannot do what it was asked. `device` is the name the site knows it by, such as a path or an address."""

    def __init__(self, device: str, sentence: str) -> None:
        super().__init__(sentence)
        self.device = device


class DeviceGone(DeviceFault):
    """The link to the device is not there, or not any more."""

    def __init__(self, device: str, cause: str) -> None:
        super().__init__(
            device, f"{device} is not connected ({cause}). It cannot be used now. Check its plug and power."
        )
        self.cause = cause


class DeviceSilent(DeviceFault):
    """The device is connected and did not answer in time."""

    def __init__(self, device: str, waited_s: float) -> None:
        super().__init__(
            device,
            f"{device} did not answer within {waited_s:.1f} s. It counts as not ready. Look at its display and lamps.",
        )
        self.waited_s = waited_s


class BadFrame(DeviceFault):
    """The device answered with bytes that do not follow its protocol."""

    def __init__(self, device: str, raw: bytes) -> None:
        shown = raw[:60].decode("ascii", "backslashreplace")
        super().__init__(
            device,
            f"{device} sent an answer that cannot be read ({shown!r}). It was not used. Check the device's settings.",
        )
        self.raw = raw
