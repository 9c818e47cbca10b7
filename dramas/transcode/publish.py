"""One version of an episode's media on the shelf: written file by file, valid only once its manifest lies beside it.

    <schema>/episodes/<episode>/<version>/
        master.m3u8  poster.jpg  storyboard.jpg  storyboard.vtt  manifest.json
        360p/index.m3u8  360p/init.mp4  360p/s00000.m4s …

A version's name follows from what is in it, and its segments never change. Going over to a new version is one row in the
database, so a viewer has the old one whole or the new one whole.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Literal

from dramas.transcode.cmaf import INIT_NAME, Segment, segment_name
from dramas.transcode.encrypt import clear_segment_count, encrypt_segment
from dramas.transcode.plan import Plan, Rung, Storyboard
from dramas.transcode.playlist import MASTER_NAME, MEDIA_NAME, RenditionFacts, master_playlist, media_playlist
from dramas.transcode.shelf import Shelf
from dramas.transcode.stills import storyboard_vtt

MANIFEST_NAME = "manifest.json"
POSTER_NAME = "poster.jpg"
STORYBOARD_NAME = "storyboard.jpg"
STORYBOARD_VTT_NAME = "storyboard.vtt"

Kind = Literal["preview", "full"]


class PublishFailed(Exception):
    """The finished version is not what was planned. Names the first thing that is wrong."""


@dataclass(frozen=True)
class Lock:
    """How an edition is encrypted: the episode's key, and the address viewers ask for it."""

    key: bytes
    uri: str

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.key).hexdigest()[:12]


@dataclass(frozen=True)
class Outline:
    """What a version must hold, whoever fills it: a plan, or an older version that is encrypted anew.

    `content_key` names source and recipe: two versions that share it show the same pictures.
    """

    content_key: str
    frame_rate: Fraction
    gop_frames: int
    frames: int
    rungs: tuple[Rung, ...]
    storyboard: Storyboard

    @classmethod
    def of_plan(cls, plan: Plan, kind: Kind) -> "Outline":
        rungs = (plan.preview,) if kind == "preview" and plan.preview is not None else plan.rungs
        return cls(plan.key, plan.frame_rate, plan.gop_frames, plan.frames, rungs, plan.storyboard)

    @classmethod
    def of_manifest(cls, manifest: dict[str, Any]) -> "Outline":
        rungs = tuple(Rung(**{name: entry[name] for name in Rung.__dataclass_fields__}) for entry in manifest["renditions"])
        board = Storyboard(**{name: manifest["storyboard"][name] for name in Storyboard.__dataclass_fields__})
        frames = manifest["renditions"][0]["frames"]
        return cls(manifest["content_key"], Fraction(manifest["frame_rate"]), max(frames), sum(frames), rungs, board)

    @property
    def duration_ms(self) -> int:
        return round(self.frames / self.frame_rate * 1000)

    @property
    def segment_ms(self) -> int:
        return round(self.gop_frames / self.frame_rate * 1000)

    @property
    def tile_ms(self) -> int:
        return round(self.storyboard.gops_per_tile * self.gop_frames / self.frame_rate * 1000)


@dataclass
class Rendition:
    """A rendition as far as it has been written. `frames` and `sizes` (bytes) are per segment."""

    rung: Rung
    codecs: str
    frames: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def facts(self, rate: Fraction) -> RenditionFacts:
        seconds = [float(count / rate) for count in self.frames]
        peak = max(size * 8 / length for size, length in zip(self.sizes, seconds, strict=True))
        return RenditionFacts(self.rung, self.codecs, round(peak), round(sum(self.sizes) * 8 / sum(seconds)))


def version_name(content_key: str, kind: Kind, lock_fingerprint: str = "") -> str:
    """Names exactly one content: source, recipe, preview or full, and the key it is encrypted with."""
    digest = hashlib.sha256(f"{content_key}/{kind}/{lock_fingerprint}".encode()).hexdigest()
    return f"{kind[0]}{digest[:15]}"


class EditionWriter:
    """A version while it is being written."""

    def __init__(self, shelf: Shelf, folder: str, outline: Outline, kind: Kind, lock: Lock | None = None) -> None:
        self.folder = folder
        self.kind: Kind = kind
        self._shelf = shelf
        self.outline = outline
        self.lock = lock
        self._renditions: dict[str, Rendition] = {}

    @property
    def clear_segments(self) -> int:
        """Leading segments anybody can read."""
        return clear_segment_count(self.outline.segment_ms)

    @property
    def renditions(self) -> list[Rendition]:
        """Large to small."""
        return [self._renditions[rung.name] for rung in self.outline.rungs if rung.name in self._renditions]

    def append(self, rung: Rung, codecs: str, init: bytes, segments: Sequence[Segment]) -> None:
        """Put finished segments on the shelf, encrypted where the episode is. The playlists do not name them yet."""
        rendition = self._renditions.setdefault(rung.name, Rendition(rung, codecs))
        if not rendition.frames:
            self._shelf.put(f"{self.folder}/{rung.name}/{INIT_NAME}", init)
        for segment in segments:
            data = segment.data
            if self.lock is not None and segment.number >= self.clear_segments:
                data = encrypt_segment(data, self.lock.key, segment.number)
            self._shelf.put(f"{self.folder}/{rung.name}/{segment_name(segment.number)}", data)
            rendition.frames.append(segment.frames)
            rendition.sizes.append(len(data))

    def write_playlists(self, *, is_growing: bool) -> None:
        """Name every segment put so far."""
        key_uri = self.lock.uri if self.lock is not None else ""
        for rendition in self.renditions:
            text = media_playlist(
                rendition.frames, self.outline.frame_rate, is_growing=is_growing, key_uri=key_uri, clear_segments=self.clear_segments
            )
            self._shelf.put(f"{self.folder}/{rendition.rung.name}/{MEDIA_NAME}", text.encode())
        master = master_playlist([rendition.facts(self.outline.frame_rate) for rendition in self.renditions], self.outline.frame_rate)
        self._shelf.put(f"{self.folder}/{MASTER_NAME}", master.encode())

    def put_stills(self, poster: bytes, storyboard: bytes | None) -> None:
        self._shelf.put(f"{self.folder}/{POSTER_NAME}", poster)
        if storyboard is not None:
            vtt = storyboard_vtt(self.outline.storyboard, self.outline.tile_ms, self.outline.duration_ms, STORYBOARD_NAME)
            self._shelf.put(f"{self.folder}/{STORYBOARD_NAME}", storyboard)
            self._shelf.put(f"{self.folder}/{STORYBOARD_VTT_NAME}", vtt.encode())

    def finish(self) -> dict[str, Any]:
        """Close the playlists, check everything, and lay down the manifest last.

        Raises: PublishFailed.
        """
        self.write_playlists(is_growing=False)
        self._verify()
        manifest = self.manifest(is_growing=False)
        self._shelf.put(f"{self.folder}/{MANIFEST_NAME}", json.dumps(manifest, indent=1).encode())
        return manifest

    def manifest(self, *, is_growing: bool) -> dict[str, Any]:
        """What the edition holds, as plain JSON. Per segment: `frames`, `sizes` (bytes on the shelf). Bits a second: `peak_bits`, `average_bits`."""
        top = self.renditions[0].rung
        return {
            "content_key": self.outline.content_key,
            "kind": self.kind,
            "is_growing": is_growing,
            "duration_ms": self.outline.duration_ms,
            "frame_rate": str(self.outline.frame_rate),
            "width": top.width,
            "height": top.height,
            "is_encrypted": self.lock is not None,
            "clear_segments": self.clear_segments if self.lock is not None else 0,
            "renditions": [self._describe(rendition) for rendition in self.renditions],
            "poster": POSTER_NAME,
            "storyboard": {
                **asdict(self.outline.storyboard),
                "image": STORYBOARD_NAME,
                "vtt": STORYBOARD_VTT_NAME,
                "tile_ms": self.outline.tile_ms,
            },
        }

    def _describe(self, rendition: Rendition) -> dict[str, Any]:
        facts = rendition.facts(self.outline.frame_rate)
        return {
            **asdict(rendition.rung),
            "codecs": facts.codecs,
            "peak_bits": facts.peak_bits,
            "average_bits": facts.average_bits,
            "frames": list(rendition.frames),
            "sizes": list(rendition.sizes),
        }

    def _verify(self) -> None:
        """ffmpeg's exit code 0 is no proof: count frames, compare the renditions, look every file up."""
        if [rendition.rung for rendition in self.renditions] != list(self.outline.rungs):
            raise PublishFailed(f"renditions {[rendition.rung.name for rendition in self.renditions]} are not the planned ones")
        for rendition in self.renditions:
            name = rendition.rung.name
            if sum(rendition.frames) != self.outline.frames:
                raise PublishFailed(f"{name}: {sum(rendition.frames)} frames, planned {self.outline.frames}")
            if rendition.frames != self.renditions[0].frames:
                raise PublishFailed(f"{name}: its segments are cut at other frames than {self.renditions[0].rung.name}'s")
            for number, size in enumerate(rendition.sizes):
                if self._shelf.size(f"{self.folder}/{name}/{segment_name(number)}") != size:
                    raise PublishFailed(f"{name}: segment {number} is missing or has another size")
        for required in (POSTER_NAME, MASTER_NAME):
            if self._shelf.size(f"{self.folder}/{required}") <= 0:
                raise PublishFailed(f"{required} is missing")
