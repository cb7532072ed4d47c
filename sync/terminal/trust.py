"""Which store a terminal believes: over TLS the one that its own authority vouches for, and no other."""

from __future__ import annotations

import ssl
from typing import Final

_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
"""OpenSSL's X509_V_ERR_... as `ssl.SSLCertVerificationError.verify_code` gives them."""
_TOLD_TO: Final = "Nothing was sent. Tell the administrator."


class NotTheStore(Exception):
    """The address is not to be asked with this identity; the text says why and what to do."""


def tls_context(authority: str | None) -> ssl.SSLContext:
    """Believes what ``authority`` (PEM) vouches for, never the authorities of the system.

    With None nothing can be believed: the certificate is not looked at, so nothing that matters may be sent.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(cadata=authority)
    return context


def check_agreed(url: str, authority: str | None) -> None:
    """Whether the address is asked in the way that was agreed at enrolment. Raises `NotTheStore`."""
    is_tls = url.lower().startswith("https:")
    if is_tls and authority is None:
        raise NotTheStore(
            f"{url} shows a certificate, and this terminal was enrolled without one. Nothing was sent. "
            "Enrol it anew with a code of this store."
        )
    if not is_tls and authority is not None:
        raise NotTheStore(
            f"{url} is not encrypted, and this terminal was enrolled with a certificate. Nothing was sent. "
            "Write https:// in the terminal's profile."
        )


def why_not_trusted(error: BaseException, url: str) -> str | None:
    """In plain words what is wrong with the certificate that came; None where the error is another one."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return f"{url} does not speak TLS as this terminal does ({cause.reason}). {_TOLD_TO}"
    match cause.verify_code:
        case code if code == _EXPIRED:
            return f"The certificate of {url} has expired, or this terminal's clock is wrong. {_TOLD_TO}"
        case code if code == _NOT_YET:
            return f"The certificate of {url} is not valid yet, or this terminal's clock is wrong. {_TOLD_TO}"
        case code if code in (_OTHER_NAME, _OTHER_ADDRESS):
            return f"The certificate of {url} was made for another name. {_TOLD_TO}"
        case _:
            return f"{url} is not the store that this terminal was enrolled at: its certificate is foreign. {_TOLD_TO}"
