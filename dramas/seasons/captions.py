"""WebVTT from outside: read strictly, written anew, so that nothing but times, places and plain text reaches a player.

Source: https://www.w3.org/TR/webvtt1/. Styles, regions and notes are dropped; of the tags only bold, italic, underline and voice stay.
"""

import html
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dramas.seasons.errors import CaptionsInvalid

MAX_BYTES = 512 * 1024
MAX_CUES = 3000
MAX_CUE_LENGTH = 1000

_CLOCK = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"^{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t]+(.*))?$")
_PERCENT = r"\d{1,3}(?:\.\d+)?%"
_SETTING = re.compile(
    rf"^(?:vertical:(?:rl|lr)|line:-?\d{{1,3}}(?:\.\d+)?%?(?:,(?:start|center|end))?|position:{_PERCENT}|size:{_PERCENT}|align:(?:start|center|end|left|right))$"
)
_TAG = re.compile(r"<(/?)([a-z]+)((?:\.[^\s<>]*)?)([ \t][^<>]*)?>")
_BREAK = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")
_KEPT_TAGS = {"b", "i", "u", "v"}
_SRT_TIMING = re.compile(r"\d{2}:\d{2}:\d{2},\d{3}\s+-->")


@dataclass(frozen=True)
class CleanCaptions:
    """`text` is WebVTT written by us; `ends_ms` is where the last cue ends."""

    text: str
    cue_count: int
    ends_ms: int


def clean_captions(data: bytes) -> CleanCaptions:
    """Read an uploaded WebVTT file.

    Raises: CaptionsInvalid with the line and what is wrong with it.
    """
    if len(data) > MAX_BYTES:
        raise CaptionsInvalid(line=1, reason=_("the file is larger than %(most)s KB.") % {"most": MAX_BYTES // 1024})
    lines = _decode(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        if _SRT_TIMING.search("\n".join(lines[:12])):
            raise CaptionsInvalid(line=1, reason=_("this is an SRT file. Save it as WebVTT (.vtt)."))
        raise CaptionsInvalid(line=1, reason=_("a WebVTT file begins with WEBVTT."))
    blocks = [block for block in _blocks(lines) if "-->" in block.timing]
    if not blocks:
        raise CaptionsInvalid(line=len(lines), reason=_("the file holds no subtitles."))
    if len(blocks) > MAX_CUES:
        raise CaptionsInvalid(line=blocks[MAX_CUES].line, reason=_("a file holds at most %(most)s subtitles.") % {"most": MAX_CUES})
    return _write(blocks)


@dataclass(frozen=True)
class _Block:
    line: int  # of the timing
    timing: str
    text: str


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CaptionsInvalid(line=line, reason=_("this is not UTF-8 text. Save the file as UTF-8.")) from None
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _blocks(lines: list[str]) -> list[_Block]:
    """Groups of lines between empty ones; of each the timing line, if it has one, and the text below it."""
    found, at = [], 1
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        start = at
        while at < len(lines) and lines[at].strip():
            at += 1
        offset = next((number for number in range(start, min(start + 2, at)) if "-->" in lines[number]), start)
        found.append(_Block(offset + 1, lines[offset].strip(), "\n".join(lines[offset + 1 : at])))
    return found


def _write(blocks: list[_Block]) -> CleanCaptions:
    parts, earlier_ms, ends_ms = ["WEBVTT"], 0, 0
    for block in blocks:
        start_ms, end_ms, settings = _read_timing(block)
        if end_ms <= start_ms:
            raise CaptionsInvalid(line=block.line, reason=_("it ends before it begins."))
        if start_ms < earlier_ms:
            raise CaptionsInvalid(line=block.line, reason=_("it begins before the one above it. Put them in order of time."))
        earlier_ms, ends_ms = start_ms, max(ends_ms, end_ms)
        text = _clean_text(block)
        if text:
            parts.append(f"{' '.join([f'{_clock(start_ms)} --> {_clock(end_ms)}', *settings])}\n{text}")
    return CleanCaptions(text="\n\n".join(parts) + "\n", cue_count=len(parts) - 1, ends_ms=ends_ms)


def _read_timing(block: _Block) -> tuple[int, int, list[str]]:
    found = _TIMING.match(block.timing)
    if found is None:
        raise CaptionsInvalid(line=block.line, reason=_("a time is written 00:01:02.000 --> 00:01:04.500."))
    numbers = [int(part or 0) for part in found.groups()[:8]]
    settings = [setting for setting in (found[9] or "").split() if _SETTING.match(setting)]
    return _to_ms(*numbers[:4]), _to_ms(*numbers[4:]), settings


def _clean_text(block: _Block) -> str:
    if len(block.text) > MAX_CUE_LENGTH:
        raise CaptionsInvalid(line=block.line, reason=_("a subtitle has at most %(most)s characters.") % {"most": MAX_CUE_LENGTH})
    pieces, end = [], 0
    for tag in _TAG.finditer(block.text):
        pieces.append(_escape(block.text[end : tag.start()]))
        end = tag.end()
        if tag[2] in _KEPT_TAGS:
            voice = f" {_escape((tag[4] or '').strip())}" if tag[2] == "v" and not tag[1] else ""
            pieces.append(f"<{tag[1]}{tag[2]}{voice}>")
    pieces.append(_escape(block.text[end:]))
    return "".join(pieces).strip()


def _escape(text: str) -> str:
    """Entities are read and written again, so that `&lt;b&gt;` stays text; one that stands for a line break must not end the cue."""
    lines = [_BREAK.sub(" ", html.unescape(line)) for line in text.split("\n")]
    return html.escape("\n".join(lines), quote=False)


def _to_ms(hours: int, minutes: int, seconds: int, ms: int) -> int:
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms


def _clock(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"
