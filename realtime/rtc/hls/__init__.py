"""From a room's packets to low-latency HLS and a recording, without encoding the picture again."""
