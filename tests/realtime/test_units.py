"""The exchange's parts on their own: frames, buckets, sampling, seats, origins, generated types."""

import random
from collections import Counter
from typing import ClassVar

import msgspec
import pytest

from realtime.audience import Audience, Limits, Seat
from realtime.lossy import Offer, Sampler
from realtime.messages import Incoming, Lossless, encode, splice
from realtime.origin import TenantCache, host_name, is_same_origin, public_scheme
from realtime.presence import buckets_between, sum_fresh
from realtime.stream import Head
from realtime.table import Entry, Table
from realtime.throttle import Buckets, Limit
from realtime.topics import Topic
from realtime.typescript import render
from realtime.ws import frame, unframe

ROOM = Topic.room("aurora", "r1")


class Outlet:
    """A socket whose buffer the test fills."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.buffered = 0
        self.is_aborted = False

    def write(self, data: bytes, /) -> None:
        self.payloads += unframe(data)

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True


def make_seat(viewer_id: str = "v1") -> Seat:
    async def never(head: Head) -> bytes:
        raise AssertionError("no snapshot is due here")

    return Seat(outlet=Outlet(), viewer_id=viewer_id, recover=never)


def make_audience(**limits: float) -> Audience:
    audience = Audience(ROOM, Limits(**limits))
    audience.restart(Head("e1", 0))
    return audience


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_carries_its_payload_whole(size: int) -> None:
    """Each of the three length forms of RFC 6455 is read back, also when frames follow each other."""
    payload = b"x" * size
    assert unframe(frame(payload) + frame(b"next")) == [payload, b"next"]


@pytest.mark.parametrize("name", ["", "a b", "a{b", "a:b", "a\nb", "x" * 81])
def test_a_topic_refuses_names_that_could_reach_another_key(name: str) -> None:
    """Blanks, braces, colons and line breaks separate keys and headers, so names have none."""
    with pytest.raises(ValueError, match="not a topic name"):
        Topic.room("aurora", name)


def test_topics_begin_with_their_shop() -> None:
    """Keys, channels and addresses of two shops differ in their first part."""
    for topic in (Topic.room("aurora", "1"), Topic.viewer("aurora", "1"), Topic.office("aurora")):
        assert topic.schema == "aurora"
        assert all(key.startswith("aurora:") for key in (topic.key, topic.channel, topic.head_key, topic.stream_key))


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    """Five at once, then one in half a second; a refused attempt takes nothing."""
    now = 0.0
    buckets = Buckets(clock=lambda: now)
    limit = Limit(per_s=2, burst=5)
    assert [buckets.take("a", limit) for _ in range(6)] == [0, 0, 0, 0, 0, 0.5]
    assert buckets.take("b", limit) == 0
    now = 0.49
    assert buckets.take("a", limit) == pytest.approx(0.01)
    now = 0.5
    assert buckets.take("a", limit) == 0
    now = 100
    assert [buckets.take("a", limit) for _ in range(6)][-1] > 0


def test_buckets_are_bounded() -> None:
    """A million strangers do not fill the memory; the oldest are forgotten."""
    buckets = Buckets(size=10)
    for number in range(1000):
        buckets.take(number, Limit(per_s=1, burst=1))
    assert len(buckets._levels) == 10


def test_the_sample_is_fair() -> None:
    """Whoever comes first or last in a tick has the same chance (chi-square far below the 0.1 % bound)."""
    counts: Counter[bytes] = Counter()
    for seed in range(2000):
        sampler = Sampler(50, random.Random(seed))
        for number in range(40):
            sampler.offer(Offer("d", str(number).encode()))
        counts.update(sampler.take(0.0).common)
    expected = sum(counts.values()) / 40
    assert sum((counts[str(number).encode()] - expected) ** 2 / expected for number in range(40)) < 72.1


def test_the_sample_keeps_the_rate_over_time() -> None:
    """1,000 offers a second for ten seconds: fifty a second are shown, besides one first burst."""
    sampler = Sampler(50, random.Random(1))
    shown = 0
    for tick in range(200):
        for number in range(50):
            sampler.offer(Offer("d", b"%d" % number))
        shown += len(sampler.take(tick * 0.05).common)
    assert 490 <= shown <= 510


def test_own_kept_and_latest_messages_are_not_sampled_away() -> None:
    """Staff's messages stay, counters show their newest value, and a sender whose message lost still gets it."""
    sampler = Sampler(50, random.Random(1))
    for number in range(100):
        sampler.offer(Offer("d", b"crowd-%d" % number, sender=f"v{number}"))
        sampler.offer(Offer("likes", b"likes-%d" % number, is_latest=True))
    sampler.offer(Offer("d", b"staff", sender="host", is_kept=True))
    batch = sampler.take(0.0)
    assert b"staff" in batch.common
    assert [payload for payload in batch.common if payload.startswith(b"likes")] == [b"likes-99"]
    shown = {payload for payload in batch.common if payload.startswith(b"crowd")}
    assert len(shown) == 10
    assert all(batch.own.get(f"v{n}", []) == ([] if b"crowd-%d" % n in shown else [b"crowd-%d" % n]) for n in range(100))
    assert sampler.is_empty


def test_what_piles_up_leaves_in_one_write_and_once() -> None:
    """A seat gets every message once, in order, whether live, after a pause or after being behind."""
    audience = make_audience(behind_bytes=100, drained_bytes=10)
    seat, late = make_seat(), make_seat()
    audience.admit(seat, 0, now=0)
    for seq in range(1, 6):
        audience.append(seq, b"%d" % seq)
    list(audience.deliver(0))
    seat.outlet.buffered = 101
    for seq in range(6, 9):
        audience.append(seq, b"%d" % seq)
    list(audience.deliver(0))
    list(audience.deliver(0))
    assert seat.outlet.payloads == [b"1", b"2", b"3", b"4", b"5"]
    assert audience.behind == {seat}
    seat.outlet.buffered = 50
    assert audience.tend_behind(1.0) == []
    assert audience.behind == {seat}
    seat.outlet.buffered = 0
    audience.tend_behind(2.0)
    audience.admit(late, 6, now=2)
    assert seat.outlet.payloads == [b"%d" % seq for seq in range(1, 9)]
    assert late.outlet.payloads == [b"7", b"8"]
    assert audience.behind == set()


def test_who_makes_no_progress_is_cut_off_and_who_left_the_ring_is_named() -> None:
    """Fifteen seconds without a byte taken end the connection; a drained seat behind the ring needs the stream."""
    audience = make_audience(behind_bytes=100, drained_bytes=10, ring=4)
    stuck, strayed = make_seat(), make_seat()
    for seat in (stuck, strayed):
        audience.admit(seat, 0, now=0)
        seat.outlet.buffered = 101
    for seq in range(1, 10):
        audience.append(seq, b"%d" % seq)
        list(audience.deliver(0))
    strayed.outlet.buffered = 0
    assert audience.tend_behind(14.0) == [strayed]
    assert not stuck.outlet.is_aborted
    audience.tend_behind(15.1)
    assert stuck.outlet.is_aborted
    assert stuck not in audience.seats
    assert audience.resume(strayed, 16) is False


def test_a_message_that_does_not_follow_is_a_defect() -> None:
    """The audience never guesses about a hole; whoever follows the stream fills it first."""
    audience = make_audience()
    with pytest.raises(ValueError, match="does not follow"):
        audience.append(2, b"2")


def headers(**values: str) -> dict[bytes, bytes]:
    return {name.replace("_", "-").encode(): value.encode() for name, value in values.items()}


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "is_same"),
    [
        ("https://a.example", "a.example", "https", True),
        ("https://a.example", "a.example:443", "https", True),
        ("https://A.example", "a.EXAMPLE", "https", True),
        ("http://a.example:8000", "a.example:8000", "http", True),
        ("http://a.example", "a.example", "https", False),
        ("https://a.example:8443", "a.example", "https", False),
        ("https://b.example", "a.example", "https", False),
        ("https://a.example.evil", "a.example", "https", False),
        ("null", "a.example", "https", False),
        ("", "a.example", "https", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(origin: str, host: str, scheme: str, is_same: bool) -> None:
    """Default ports may be left out on either side; nothing else may differ."""
    assert is_same_origin(headers(origin=origin, host=host), scheme=scheme) is is_same


def test_a_trusted_proxy_may_say_that_the_browser_speaks_tls() -> None:
    """Only the header that Django trusts counts, and only with its value."""
    trusted = ("HTTP_X_FORWARDED_PROTO", "https")
    said = headers(x_forwarded_proto="https", host="a.example:8000")
    assert public_scheme({"scheme": "ws"}, said, proxy_header=trusted) == "https"
    assert public_scheme({"scheme": "ws"}, said, proxy_header=None) == "http"
    assert public_scheme({}, headers(x_forwarded_proto="http"), proxy_header=trusted) == "http"
    assert public_scheme({"scheme": "wss"}, {}, proxy_header=None) == "https"
    assert host_name(said) == "a.example"


async def test_a_host_is_looked_up_once_in_thirty_seconds() -> None:
    """A reconnect storm costs one query a host, known or not."""
    now, asked = 0.0, []

    async def look_up(host: str) -> str | None:
        asked.append(host)
        return "aurora" if host == "a" else None

    cache = TenantCache(look_up, clock=lambda: now)
    assert [await cache.find(host) for host in ("a", "b", "a", "b")] == ["aurora", None, "aurora", None]
    assert asked == ["a", "b"]
    now = 31.0
    await cache.find("a")
    assert asked == ["a", "b", "a"]


def test_presence_adds_up_what_is_fresh() -> None:
    """A process that has not written for fifteen seconds counts nothing."""
    assert sum_fresh({b"p1": b"3:100.0", b"p2": b"4:95.0", b"dead": b"9:80.0"}, 100.0) == (7, ["dead"])
    assert list(buckets_between(30_000, 61_000)) == [1, 2]


def test_members_are_put_in_front() -> None:
    """The stream's members are spliced into the encoded object, not encoded again."""
    assert msgspec.json.decode(splice(b'"s":7,', encode(Sample(text="a")))) == {"s": 7, "k": "sample", "text": "a", "inner": None}


class Inner(msgspec.Struct):
    amount_minor: int


class Sample(Lossless, tag="sample"):
    text: str
    inner: Inner | None = None


class Send(Incoming, tag="send"):
    limit: ClassVar[Limit] = Limit(per_s=1, burst=1)
    text: str
    times: list[int] = []


async def nothing(context: object, message: object) -> None:
    return None


def test_typescript_is_written_from_the_structs() -> None:
    """A sequenced message has `s`, an incoming one lacks `ref`, defaults are optional for senders only."""
    entry = Entry("send", Send, msgspec.json.Decoder(Send), nothing)
    text = render(Table(room={"send": entry}, office={}, snapshot=None, outgoing=[Sample]))
    assert 'export interface Sample {\n  k: "sample";\n  s: number;\n  on?: "me";\n  text: string;\n  inner: Inner | null;\n}\n' in text
    assert 'export interface SendMessage {\n  k: "send";\n  text: string;\n  times?: Array<number>;\n}\n' in text
    assert "export interface Inner {\n  amount_minor: number;\n}\n" in text
    assert '  "sample": Sample;\n' in text
    assert '  "send": SendMessage;\n' in text
