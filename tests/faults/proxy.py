"""A line to the store that can be told to fail, in each way in which networks do.

It stands between real terminals and the real store and passes HTTP on byte for byte. A fault is chosen for each
request: one that was planned for it, else the one that stands, else one by chance with the given seed. What
struck is counted.
"""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum

from tests.faults.http_bytes import Broken, Message, answer, read_message
from tests.faults.sometimes import Sometimes


class Fault(StrEnum):
    LOST_REQUEST = "request lost"
    LOST_ANSWER = "answer lost"
    HALF_REQUEST = "half a request"
    HALF_ANSWER = "half an answer"
    TWICE = "same body twice at once"
    OLD_AGAIN = "an old request again"
    LATE = "a request held back and delivered later"
    PORTAL_200 = "captive portal: HTML with 200"
    PORTAL_JSON = "captive portal: HTML called JSON"
    PORTAL_302 = "captive portal: 302"
    PORTAL_511 = "captive portal: 511"
    FOREIGN_TLS = "somebody speaks TLS"
    CACHED = "a caching proxy answers"
    STATUS_429 = "429"
    STATUS_500 = "500"
    STATUS_502 = "502"
    STATUS_503 = "503"
    SLOW = "slow line"
    LOSSY = "segments lost: late, or the connection reset"
    BLACK_HOLE = "black hole"
    ONE_WAY = "one-way line"
    AWAY = "no way"
    FLAPPING = "flapping line"


BY_CHANCE = tuple(
    fault for fault in Fault if fault not in (Fault.BLACK_HOLE, Fault.ONE_WAY, Fault.AWAY, Fault.FLAPPING)
)
"""What strikes single requests; the others stand for a while."""

_OF_PUSHES = (Fault.TWICE, Fault.OLD_AGAIN, Fault.LATE)
_LOGIN = b"<!doctype html><title>Welcome</title><form action=/login>Please accept the terms.</form>"
_MADE_UP = {
    Fault.PORTAL_200: answer(200, "OK", _LOGIN, "text/html; charset=utf-8"),
    Fault.PORTAL_JSON: answer(200, "OK", _LOGIN, "application/json"),
    Fault.PORTAL_302: answer(302, "Found", b"", "text/html", Location="http://portal.invalid/login"),
    Fault.PORTAL_511: answer(511, "Network Authentication Required", _LOGIN, "text/html"),
    Fault.STATUS_429: answer(429, "Too Many Requests", b"{}", "application/json", Retry_After="1"),
    Fault.STATUS_500: answer(500, "Internal Server Error", b'{"error":"x","text":"y"}', "application/json"),
    Fault.STATUS_502: answer(502, "Bad Gateway", b"<html>bad gateway</html>", "text/html"),
    Fault.STATUS_503: answer(503, "Service Unavailable", b'{"error":"x","text":"y"}', "application/json"),
}
_TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
"""What a TLS server says to one who does not speak TLS: handshake failure."""
_UPSTREAM_TIMEOUT_S = 60.0
_LOOK_S = 0.05
_OLD_REQUESTS = 64
SECOND_PROCESS = "a request went to the second process of the store"
_SEGMENT_BYTES = 1448
_LOST = 0.3
"""Of segments: what a bad wireless line loses."""
_MOST_LOST = 4
"""So often in a row that the line is given up: with 30 %, one segment of 120."""


class FaultProxy:
    """``url`` is where terminals find it. ``aim`` says where the store is now."""

    def __init__(self, seed: int, sometimes: Sometimes) -> None:
        self.sometimes = sometimes
        self.bits_per_s = 2_000.0
        self.latency_s = 3.0
        self.flap_s = (0.05, 0.4)
        self.resend_s = 0.02
        """After a lost segment; doubled with each one more in a row. TCP begins with 0.2 s."""
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._planned: deque[tuple[Fault, str]] = deque()
        self._standing: Fault | None = None
        self._weather: dict[Fault, float] = {}
        self._upstreams: tuple[tuple[str, int], ...] = ()
        self._clients: set[socket.socket] = set()
        self._old: deque[Message] = deque(maxlen=_OLD_REQUESTS)
        self._held_back: list[Message] = []
        self._last_answers: dict[str, bytes] = {}
        self._before_answer: Callable[[], None] | None = None
        self._closed = False
        self._line_changed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, name="fault-proxy", daemon=True).start()

    def close(self) -> None:
        self._closed = True
        self._line_changed.set()
        self._listener.close()
        self.cut_all()

    # What is to go wrong.

    def aim(self, *urls: str) -> None:
        """The addresses of the store's processes: any gets a request, and two get what comes twice."""
        named = (url.rsplit("/", 1)[-1].rsplit(":", 1) for url in urls)
        self._upstreams = tuple((host, int(port)) for host, port in named)

    def plan(self, fault: Fault, times: int = 1, method: str = "POST") -> None:
        """The next requests of that method are struck."""
        with self._lock:
            self._planned.extend([(fault, method)] * times)

    def before_next_answer(self, happens: Callable[[], None]) -> None:
        """Once, when the store has answered a push and the terminal has not been told."""
        with self._lock:
            self._before_answer = happens

    def weather(self, chances: Mapping[Fault, float]) -> None:
        """From now on any request may be struck, by chance."""
        with self._lock:
            self._weather = dict(chances)

    def stand(self, fault: Fault | None) -> None:
        """Every request is struck until something else is said; open connections are cut where the line changes."""
        with self._lock:
            self._standing = fault
            changed, self._line_changed = self._line_changed, threading.Event()
        changed.set()
        if fault in (None, Fault.AWAY, Fault.BLACK_HOLE, Fault.ONE_WAY, Fault.FLAPPING):
            self.cut_all()
        if fault is Fault.FLAPPING:
            threading.Thread(target=self._flap, args=(self._line_changed,), daemon=True).start()

    def heal(self) -> None:
        """A good line from now on. What was held back is delivered first: nothing old comes after the healing."""
        with self._lock:
            self._planned.clear()
            self._weather.clear()
            held_back, self._held_back = self._held_back, []
        self.stand(None)
        for message in held_back:
            self._deliver_unheard(message)

    def cut_all(self) -> None:
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            _reset(client)

    # The line.

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._clients.add(client)
                away = self._standing is Fault.AWAY
            if away:
                self.sometimes.strike(Fault.AWAY)
                self._forget(client)
            else:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _forget(self, client: socket.socket) -> None:
        with self._lock:
            self._clients.discard(client)
        _reset(client)
        client.close()

    def _serve(self, client: socket.socket) -> None:
        try:
            while (request := read_message(client)) is not None:
                fault = self._fault_for(request)
                if not self._exchange(client, request, fault):
                    return
        except (OSError, Broken, ValueError):
            return  # whoever broke it off finds out by itself
        finally:
            self._forget(client)

    def _fault_for(self, request: Message) -> Fault | None:
        fault = self._chosen(request)
        return None if fault in _OF_PUSHES and request.method != "POST" else fault

    def _chosen(self, request: Message) -> Fault | None:
        with self._lock:
            for place, (fault, method) in enumerate(self._planned):
                if method == request.method:
                    del self._planned[place]
                    return fault
            if self._standing is not None:
                return self._standing
            drawn = self._chance.random()
            for fault, chance in self._weather.items():
                if drawn < chance:
                    return fault
                drawn -= chance
        return None

    def _exchange(self, client: socket.socket, request: Message, fault: Fault | None) -> bool:
        """One request and its answer; False when the connection is to be cut."""
        if fault in _MADE_UP:
            self.sometimes.strike(fault)
            client.sendall(_MADE_UP[fault])
            return True
        match fault:
            case Fault.LOST_REQUEST | Fault.HALF_REQUEST | Fault.LATE | Fault.BLACK_HOLE | Fault.AWAY:
                return self._lose(client, request, fault)
            case Fault.FOREIGN_TLS:
                self.sometimes.strike(fault)
                client.sendall(_TLS_ALERT)
                return False
            case Fault.CACHED if request.method in self._last_answers:
                self.sometimes.strike(fault)
                client.sendall(self._last_answers[request.method])
                return True
            case Fault.OLD_AGAIN:
                self._again(request)
            case Fault.SLOW:
                self.sometimes.strike(fault)
                self._crawl(len(request.raw))
            case _:
                pass
        return self._answer(client, request, fault)

    def _lose(self, client: socket.socket, request: Message, fault: Fault) -> bool:
        self.sometimes.strike(fault)
        if fault is Fault.HALF_REQUEST:
            with suppress(OSError), self._to_store() as store:
                store.sendall(request.raw[: self._cut_in(request.raw)])
        if fault is Fault.LATE:
            with self._lock:
                self._held_back.append(request)
        if fault is Fault.BLACK_HOLE:
            self._hold(client)
        return False

    def _answer(self, client: socket.socket, request: Message, fault: Fault | None) -> bool:
        told = self._twice(client, request) if fault is Fault.TWICE else self._forward(client, request, fault)
        if told is None:
            return False
        self._keep(request, told)
        if request.method == "POST" and self._interlude():
            return False
        match fault:
            case Fault.LOST_ANSWER:
                self.sometimes.strike(fault)
                return False
            case Fault.HALF_ANSWER:
                client.sendall(told.raw[: self._cut_in(told.raw)])
                self.sometimes.strike(fault)
                return False
            case Fault.ONE_WAY:
                self.sometimes.strike(fault)
                self._hold(client)
                return False
            case Fault.SLOW:
                self._crawl(len(told.raw))
            case Fault.LOSSY:
                return self._through_losses(client, told.raw)
            case _:
                pass
        client.sendall(told.raw)
        return True

    def _through_losses(self, receiver: socket.socket, raw: bytes) -> bool:
        """Segment by segment, as TCP delivers them over a line that loses them; False: the line is given up.

        What an application sees of lost packets is that pieces come late, and in the end that the connection is gone.
        """
        for start in range(0, len(raw), _SEGMENT_BYTES):
            for lost_before in range(_MOST_LOST):
                with self._lock:
                    is_lost = self._chance.random() < _LOST
                if not is_lost:
                    break
                self.sometimes.strike(Fault.LOSSY)
                time.sleep(self.resend_s * 2**lost_before)
            else:
                self.sometimes.strike("connection reset after losses")
                return False
            receiver.sendall(raw[start : start + _SEGMENT_BYTES])
        return True

    def _interlude(self) -> bool:
        with self._lock:
            happens, self._before_answer = self._before_answer, None
        if happens is not None:
            happens()
        return happens is not None

    def _keep(self, request: Message, told: Message) -> None:
        with self._lock:
            self._last_answers[request.method] = told.raw
            if request.method == "POST":
                self._old.append(request)
            # What was held back goes out behind what came after it.
            held_back, self._held_back = self._held_back, []
        for message in held_back:
            self._deliver_unheard(message)

    def _cut_in(self, raw: bytes) -> int:
        with self._lock:
            return self._chance.randrange(1, len(raw))

    def _again(self, request: Message) -> None:
        with self._lock:
            old = self._chance.choice(self._old) if self._old else None
        if old is not None:
            self._deliver_unheard(old)
            self.sometimes.strike(Fault.OLD_AGAIN)

    def _deliver_unheard(self, message: Message) -> None:
        """To the store, and nobody listens to what it says."""
        with suppress(OSError, Broken, ValueError), self._to_store() as store:
            store.sendall(message.raw)
            read_message(store)
            self.sometimes.strike("requests delivered when nobody listened any more")

    # To the store.

    def _any_process(self) -> int:
        with self._lock:
            which = self._chance.randrange(len(self._upstreams) or 1)
        if which:
            self.sometimes.strike(SECOND_PROCESS)
        return which

    def _to_store(self, which: int = 0) -> socket.socket:
        if not self._upstreams:
            raise ConnectionRefusedError("no store")
        return socket.create_connection(self._upstreams[which], timeout=_UPSTREAM_TIMEOUT_S)

    def _forward(
        self, client: socket.socket, request: Message, fault: Fault | None, which: int | None = None
    ) -> Message | None:
        """The store's answer; None when the terminal went away meanwhile, or the store did."""
        try:
            with self._to_store(self._any_process() if which is None else which) as store:
                if fault is not Fault.LOSSY:
                    store.sendall(request.raw)
                elif not self._through_losses(store, request.raw):
                    return None
                while True:
                    ready, _, _ = select.select([store, client], [], [], _UPSTREAM_TIMEOUT_S)
                    if store in ready:
                        return read_message(store)
                    return None  # it broke off, or the store says nothing
        except (OSError, Broken):
            self.sometimes.strike("the store was away when a request came")
            return None

    def _twice(self, client: socket.socket, request: Message) -> Message | None:
        """The same bytes on two connections at the same time, on two of the store's processes where there are two."""
        second: list[Message | None] = []

        def deliver() -> None:
            with suppress(OSError, Broken), self._to_store(-1) as store:
                store.sendall(request.raw)
                second.append(read_message(store))

        beside = threading.Thread(target=deliver, daemon=True)
        beside.start()
        first = self._forward(client, request, Fault.TWICE, 0)
        beside.join(_UPSTREAM_TIMEOUT_S)
        if first is not None and second and second[0] is not None:
            self.sometimes.strike(Fault.TWICE)
            with self._lock:
                return self._chance.choice([first, second[0]])
        return first

    # Time on the line.

    def _crawl(self, size: int) -> None:
        with self._lock:
            changed = self._line_changed
        changed.wait(self.latency_s + size * 8 / self.bits_per_s)

    def _hold(self, client: socket.socket) -> None:
        """Silence until the line changes or the terminal gives up."""
        with self._lock:
            changed = self._line_changed
        while not changed.wait(_LOOK_S):
            ready, _, _ = select.select([client], [], [], 0)
            if ready and not client.recv(65536):
                self.sometimes.strike("a terminal gave up waiting")
                return

    def _flap(self, changed: threading.Event) -> None:
        while not changed.wait(self._chance.uniform(*self.flap_s)):
            self.sometimes.strike(Fault.FLAPPING)
            self.cut_all()


def _reset(connection: socket.socket) -> None:
    """Cut it as a network does: what is under way is lost, and the other side hears of it."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
