"""Starts a program that may do little, and that never outlives us: `python -I -S confine.py OPTIONS -- program arguments…`.

Between this start and the program there is only `exec`, so the process id the caller sees is the program's own. A separate
program rather than `preexec_fn`, which may deadlock in a process that has threads (CPython's documentation of `subprocess`).

The program gets: death when its parent dies (Linux), a lower priority, bounds on memory, processor time, file size and core dumps, and
an empty network where the kernel allows one. Standard library only.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def die_with_parent(parent_pid: int) -> None:
    """Without this, kill -9 of a worker leaves its ffmpeg writing (seen: one orphan in one try).

    The signal is tied to the parent's *thread*: start programs from a thread that lives as long as they do.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the line above took effect
        sys.exit(125)


def leave_network() -> None:
    """An own, empty network name space. Containers often forbid it: the forced demuxer and protocol list still hold then."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        libc.unshare(CLONE_NEWNET)
        return
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        for name, content in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:  # unmapped, files stay as reachable as before
                file.write(content)


def bound(kind: int, amount: int) -> None:
    """Set a limit, or the hard one that already holds where that is lower."""
    _soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(kind, (amount, amount))


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("parent", "memory", "cpu", "file", "nice"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("program", nargs="+")
    asked = parser.parse_args()
    die_with_parent(asked.parent)
    leave_network()
    os.nice(asked.nice)
    bound(resource.RLIMIT_CORE, 0)
    bound(resource.RLIMIT_CPU, asked.cpu)
    bound(resource.RLIMIT_FSIZE, asked.file)
    if sys.platform.startswith("linux"):
        bound(resource.RLIMIT_AS, asked.memory)
    os.execv(asked.program[0], asked.program)  # noqa: S606  no shell is the point


if __name__ == "__main__":
    main()
