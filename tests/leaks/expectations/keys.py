"""Names in Valkey that begin with no shop, and why that is right. Every other key and channel begins with its shop and a colon."""

# Pattern of the whole name: why.
SHARED: dict[str, str] = {
    r"public:.*": "the platform host's own cache: sign-up throttle, operators' sign-in",
    r"(default|transcode|insights)(\\x06\\x16\d)?": "Celery's queues; each message names its shop, and a worker refuses one that does not",
    r"_kombu\.binding(_permanent)?\..*": "Celery's list of its queues",
    r"nodes|node:[A-Za-z0-9.-]+(:requests)?": "media nodes, which carry rooms of many shops; each request names its room with its shop",
    r"asker:[0-9a-f]+:answers": "a process's letter box for the nodes' answers, found by the number of its own request",
    r"insights:events(:refused)?": "viewer events of all shops on their way to one table; each entry names the shop of the door it came in by",
    r"rooms:changed": "names of shops whose rooms have just changed: a director asks these first",
    r"\*:prepare": "web processes hear of every shop's coming rush; the channel that it comes by, aurora:prepare, says whose it is",
    r"unacked(_index|_mutex)?": "Celery's messages at work",
}
