"""`python -m commerce.sandbox --port N --state FILE`: run the payment sandbox."""

import argparse
import fcntl
import logging
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from commerce.sandbox.faults import Faults
from commerce.sandbox.objects.accounts import ensure_platform
from commerce.sandbox.objects.webhook_endpoints import ensure
from commerce.sandbox.server import Server
from commerce.sandbox.state.clock import Clock
from commerce.sandbox.state.store import Store
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.wire.errors import ApiError, invalid_param
from commerce.sandbox.wire.keys import read_key
from commerce.sandbox.wire.origins import Doors, is_loopback
from commerce.sandbox.world import World


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line; every option is explained by `--help`."""
    parser = argparse.ArgumentParser(prog="python -m commerce.sandbox", description="A Stripe-shaped payment sandbox for development and tests.")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--state", type=Path, required=True, help="SQLite file that keeps everything")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--allow-network", action="store_true", help="permit an address that is not loopback, and webhooks to other machines")
    parser.add_argument(
        "--public-url", default="", help="how browsers reach this server if not by the name they call, e.g. http://192-168-1-5.sslip.io:8100"
    )
    parser.add_argument("--allow-origin", action="append", default=[], help="pattern of pages that may pay here besides loopback ones; repeatable")
    parser.add_argument("--key", default="", help="test key whose platform the webhook options belong to, e.g. sk_test_sandbox")
    parser.add_argument("--webhook", default="", help="address for events of the platform itself")
    parser.add_argument("--webhook-secret", default="", help="whsec_… for --webhook")
    parser.add_argument("--connect-webhook", default="", help="address for events of connected accounts")
    parser.add_argument("--connect-webhook-secret", default="", help="whsec_… for --connect-webhook")
    return parser.parse_args(arguments)


def main() -> int:
    """Run until stopped; gives the exit status. What keeps it from starting is said in one sentence."""
    options = parse_arguments(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="stripe-sandbox: %(message)s")
    if not is_loopback(options.host) and not options.allow_network:
        return _refuse(f"{options.host} is reachable from other machines; add --allow-network if that is meant.")
    try:
        options.state.parent.mkdir(parents=True, exist_ok=True)
        lock = options.state.with_name(f"{options.state.name}.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _refuse(f"another sandbox already uses {options.state}.")
    except OSError as error:
        return _refuse(f"the state cannot be kept in {options.state}: {error.strerror}.")
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        return _refuse(f"port {options.port} on {options.host} cannot be used: {error.strerror}.")
    try:
        check_webhooks(options)
        world = build_world(options)
    except ApiError as error:
        return _refuse(error.message)
    print(f"stripe-sandbox: ready on {world.base_url} (test payments only)", flush=True)  # noqa: T201 - the supervisor waits for this line
    application = Server(world)
    config = uvicorn.Config(application, log_level="warning", http="h11", ws="none", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    application.hang_up = partial(_hang_up, server)
    server.run(sockets=[listener])
    return 0


def _hang_up(server: uvicorn.Server, client: tuple[Any, ...]) -> None:
    """Abort the connection of a client: it sees a reset, as when a network breaks."""
    for connection in list(server.server_state.connections):
        if getattr(connection, "client", None) == client:
            connection.transport.abort()


def check_webhooks(options: argparse.Namespace) -> None:
    """Raises: ApiError when a webhook option lacks its key or its secret."""
    for address, secret in ((options.webhook, options.webhook_secret), (options.connect_webhook, options.connect_webhook_secret)):
        if address and not options.key:
            raise invalid_param("a webhook address needs --key, the test key whose events it gets.")
        if address and not secret.startswith("whsec_"):
            raise invalid_param(f"the webhook address {address} needs a secret that begins with whsec_.")


def build_world(options: argparse.Namespace) -> World:
    """Open the state and make sure of the given webhook endpoints. Raises: ApiError for a refused key or address."""
    store = Store(options.state)
    clock = Clock(int(store.setting("clock_offset_s", "0")))
    base_url = options.public_url.rstrip("/") or f"http://{options.host}:{options.port}"
    doors = Doors(urlsplit(base_url).hostname or "", tuple(options.allow_origin))
    world = World(store, clock, doors, Faults(), Knobs(), base_url, is_public=bool(options.public_url))
    with store.transaction():
        store.set_setting("allow_network", "yes" if options.allow_network else "no")
        if options.key:
            platform = read_key(f"Bearer {options.key}").platform
            ensure_platform(store, clock, platform)
            ctx = world.context(platform, platform)
            if options.webhook:
                ensure(ctx, address=options.webhook, secret=options.webhook_secret, connect=False)
            if options.connect_webhook:
                ensure(ctx, address=options.connect_webhook, secret=options.connect_webhook_secret, connect=True)
    return world


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket made before anything else starts, so that a taken port is known at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    listener.set_inheritable(True)
    return listener


def _refuse(reason: str) -> int:
    sys.stderr.write(f"stripe-sandbox: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
