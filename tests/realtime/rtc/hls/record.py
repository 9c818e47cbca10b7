"""Records the film again and again in a process of its own, until it is killed: `python -m … FOLDER`."""

import sys
import time
from pathlib import Path

from realtime.rtc.hls.recording import Limits, Recorder
from tests.realtime.rtc.hls.material import depacketized, pictures, segmenter, sounds


def main(folder: Path) -> None:
    recorder = Recorder(folder, room="aurora:{room:r1}", limits=Limits(least_free_bytes=0, longest_film_s=3.0))
    recorder.start()
    cutter, began = segmenter(), 1_000.0
    for turn in range(1_000):
        film = depacketized(pictures(*((160, 96) if turn % 2 else (320, 192))))
        heard = sounds(5, began_at=began)
        for number, picture in enumerate(film):
            at = began + number / 30
            ready = [sound for sound in heard if sound.at <= at - 0.03]
            heard = heard[len(ready) :]
            cutter.add_sounds(ready)
            recorder.add(cutter.add_picture(picture, at))
            time.sleep(0.0005)
        cutter.add_sounds(heard)
        began += 5
        sys.stdout.write(f"{turn}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
