"""The web process: uvicorn with the socket protocol whose transport the hub writes to."""

import os
import socket

import uvicorn

BACKLOG = 4096


def main() -> None:
    host, port = os.environ.get("BIND", "127.0.0.1"), int(os.environ.get("LISTEN_PORT") or os.environ.get("PORT", "8000"))
    listener = socket.create_server((host, port), backlog=BACKLOG, reuse_port=bool(os.environ.get("REUSE_PORT")))
    listener.set_inheritable(True)
    config = uvicorn.Config(
        "config.asgi:application",
        ws="realtime.ws:RawWS",
        loop="uvloop",
        lifespan="on",
        ws_per_message_deflate=False,
        ws_max_size=16_384,
        proxy_headers=False,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=3,
        log_config=None,  # its entries go the way of all others: one line of JSON
        log_level=os.environ.get("LOG_LEVEL", "info").lower(),
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
