"""The optional C part: one call sends a packet to all viewers of a track whose sockets are ours.

It is built with the machine's compiler when a node starts. Without one, or when anything about it is not as expected, everything
goes its way in Python: `Leg.put` and `Wire.send` do the same, byte for byte.
"""

import ctypes
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

import pylibsrtp
import structlog
from pylibsrtp._binding import ffi, lib

from realtime.rtc.packets import Packet

log = structlog.get_logger(__name__)

SOURCE = Path(__file__).with_name("fanout.c")
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-O2", "-shared", "-fPIC", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
BUILD_S = 60
# What C calls. Another libsrtp with other arguments is not used.
PROTECT = "srtp_err_status_t(*)(struct srtp_ctx_t_ *, void *, int *)"
FEWEST = 8
address_4, address_6 = Struct("=HH4s8x"), Struct("=HHI16sI")


class LegOfC(ctypes.Structure):
    """`struct leg` of fanout.c."""

    _fields_ = (
        ("srtp", ctypes.c_void_p),
        ("packets", ctypes.c_uint64),
        ("payload_bytes", ctypes.c_uint64),
        ("sent", ctypes.c_uint64),
        ("sent_bytes", ctypes.c_uint64),
        ("refused", ctypes.c_uint64),
        ("ssrc", ctypes.c_uint32),
        ("fd", ctypes.c_int32),
        ("address_size", ctypes.c_uint32),
        ("shift", ctypes.c_uint16),
        ("payload_type", ctypes.c_uint8),
        ("spare", ctypes.c_uint8),
        ("address", ctypes.c_uint8 * 28),
    )


class Descriptor:
    """A socket's descriptor of our own. It is open as long as anybody holds it, so that its number means no other file: the
    socket itself is closed by ICE, which asks nobody.

    Raises: OSError for a socket that is closed already.
    """

    def __init__(self, fd: int) -> None:
        self.fd = os.dup(fd)

    def __del__(self) -> None:
        if hasattr(self, "fd"):
            os.close(self.fd)


class Seat(NamedTuple):
    """What it takes to send in a viewer's place."""

    session: pylibsrtp.Session
    descriptor: Descriptor
    address: bytes
    ssrc: int
    shift: int
    payload_type: int


class Counts(NamedTuple):
    packets: int = 0
    payload_bytes: int = 0
    sent: int = 0
    sent_bytes: int = 0
    refused: int = 0


class Lane:
    """The seats of one track. Needs: the loop's thread alone, because an SRTP session knows no other."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._protect = int(ffi.cast("uintptr_t", ffi.addressof(lib, "srtp_protect")))
        self._legs: Any = (LegOfC * FEWEST)()
        self._owners: list[object] = []
        self._places: dict[object, int] = {}
        # Sessions and descriptors live as long as C may touch them, whatever their owners do.
        self._seats: list[Seat] = []

    def add(self, owner: object, seat: Seat) -> None:
        place = len(self._owners)
        if place == len(self._legs):
            grown = (LegOfC * (2 * place))()
            ctypes.memmove(grown, self._legs, ctypes.sizeof(self._legs))
            self._legs = grown
        leg = self._legs[place]
        leg.srtp = int(ffi.cast("uintptr_t", seat.session._srtp[0]))
        leg.fd, leg.ssrc, leg.shift, leg.payload_type = seat.descriptor.fd, seat.ssrc, seat.shift, seat.payload_type
        leg.address_size = len(seat.address)
        ctypes.memmove(leg.address, seat.address, len(seat.address))
        self._places[owner] = place
        self._owners.append(owner)
        self._seats.append(seat)

    def remove(self, owner: object) -> Counts:
        """Nothing of it is touched from now on. The last one takes its place."""
        counts = self.take_counts(owner)
        place = self._places.pop(owner, None)
        if place is not None:
            last = len(self._owners) - 1
            if place != last:
                ctypes.memmove(ctypes.byref(self._legs[place]), ctypes.byref(self._legs[last]), ctypes.sizeof(LegOfC))
                self._owners[place], self._seats[place] = self._owners[last], self._seats[last]
                self._places[self._owners[place]] = place
            self._owners.pop()
            self._seats.pop()
            self._legs[last] = LegOfC()
        return counts

    def take_counts(self, owner: object) -> Counts:
        """Since the last call; all zero for who has no seat."""
        place = self._places.get(owner)
        if place is None:
            return Counts()
        leg = self._legs[place]
        counts = Counts(*(getattr(leg, name) for name in Counts._fields))
        for name in Counts._fields:
            setattr(leg, name, 0)
        return counts

    def seat_of(self, owner: object) -> Seat | None:
        place = self._places.get(owner)
        return None if place is None else self._seats[place]

    def put(self, packet: Packet) -> None:
        sequence, timestamp, marker, payload = packet
        if self._owners:
            self._library.fanout(self._protect, self._legs, len(self._owners), payload, len(payload), sequence, timestamp, marker)


def pack_address(found: socket.socket, address: tuple[Any, ...]) -> bytes | None:
    """A `sockaddr` of the socket's family; None for what is no plain address."""
    try:
        if found.family == socket.AF_INET:
            return address_4.pack(socket.AF_INET, socket.htons(address[1]), socket.inet_pton(socket.AF_INET, address[0]))
        scope = address[3] if len(address) > 3 else 0
        return address_6.pack(socket.AF_INET6, socket.htons(address[1]), 0, socket.inet_pton(socket.AF_INET6, address[0]), scope)
    except OSError:
        return None


def build(folder: Path) -> Any | None:
    """The library: the one beside its source that an image brings, or built into `folder`, which nobody else may write to. None:
    Python does it."""
    if not sys.platform.startswith("linux") or ffi.typeof(lib.srtp_protect).cname != PROTECT:
        log.info("fanout_in_python", reason="another system or libsrtp than it was written for")
        return None
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    name = f"fanout-{digest}.so"
    target = next((found for place in (SOURCE.parent, folder) if (found := place / name).exists()), folder / name)
    if not target.exists():
        compiler = next((path for name in COMPILERS if (path := shutil.which(name))), None)
        if compiler is None:
            log.info("fanout_in_python", reason="no compiler")
            return None
        try:
            _compile(compiler, target)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("fanout_in_python", reason=str(error)[:200])
            return None
    return _load(target)


def _compile(compiler: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / target.name
        subprocess.run([compiler, *FLAGS, "-o", str(made), str(SOURCE)], check=True, capture_output=True, timeout=BUILD_S)  # noqa: S603
        os.replace(made, target)


def _load(target: Path) -> Any | None:
    """It keeps the interpreter's lock: to wait for it again after each packet would cost more than the others gain."""
    try:
        library = ctypes.PyDLL(str(target))
    except OSError as error:
        log.warning("fanout_in_python", reason=str(error)[:200])
        return None
    if library.leg_size() != ctypes.sizeof(LegOfC):
        log.warning("fanout_in_python", reason="the structure has another size")
        return None
    packet = (ctypes.c_char_p, ctypes.c_int, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint8)
    library.fanout.argtypes = [ctypes.c_void_p, ctypes.POINTER(LegOfC), ctypes.c_int, *packet]
    library.fanout.restype = ctypes.c_int
    return library
