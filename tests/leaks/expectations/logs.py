"""Log entries that name no shop, and why that is right. Every other entry of a request, a task or a socket has its `tenant`."""

# Logger and event, as a pattern of `logger event`: why.
OF_THE_PROCESS: dict[str, str] = {
    r"uvicorn\.error .*": "the web process starts and stops",
    r"py\.warnings .*": "a warning of the interpreter at the start",
    r"axes\.apps AXES: .*": "a library says its version at the start",
    r"realtime\.(bus|lossy|exchange) .*": "the connection of the whole process to Valkey",
    r"rooms\.preparation\.listener preparations_not_heard": "the same, for what every shop's coming rush is told by",
    r"websockets.*": "a library's note about a connection",
}
