"""Descriptions from strangers: what is read, what is refused, and how quickly."""

import time
from contextlib import suppress

import pytest
from aiortc import RTCPeerConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.rtc import sdp
from realtime.rtc.errors import CodecUnsupported, RtcError, SdpInvalid, SdpTooLarge

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 192.168.1.7 50000 typ host generation 0",
        "a=candidate:2 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active",
        "a=candidate:3 1 udp 2113937151 0e6f0a7a-3c1f-4f5b-9d8e-aaaaaaaaaaaa.local 50001 typ host",
        "a=candidate:4 1 udp 2113937151 127.0.0.1 22 typ host",
        "a=candidate:5 1 udp 2113937151 224.0.0.251 5353 typ host",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:1",
        "a=recvonly",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
)


async def test_an_offer_of_the_library_is_read_as_it_is() -> None:
    """Kinds, directions and codecs of a real peer connection."""
    peer = RTCPeerConnection()
    peer.addTransceiver("video", direction="recvonly")
    peer.addTransceiver("audio", direction="sendonly")
    try:
        read = sdp.read((await peer.createOffer()).sdp, is_loopback_allowed=True)
    finally:
        await peer.close()
    assert [(media.kind, media.direction, media.is_sending) for media in read.media] == [("video", "recvonly", False), ("audio", "sendonly", True)]


def test_only_plain_candidates_reach_the_library() -> None:
    """No TCP, no names to resolve, no multicast, nothing on our own loopback; a media without any gets one that leads nowhere."""
    read = sdp.read(OFFER)
    assert [line.split()[4] for line in read.text.splitlines() if line.startswith("a=candidate")] == ["192.168.1.7", "192.0.2.1"]
    assert read.text.count("a=end-of-candidates") == 2
    assert "127.0.0.1 22" in sdp.read(OFFER, is_loopback_allowed=True).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v=0", "v=1"),
        ("a=mid:1", "a=mid:0"),
        ("a=mid:1\r\n", ""),
        ("a=setup:actpass", "a=setup:whatever"),
        ("a=setup:actpass\r\n", ""),
        ("a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:short"),
        ("AB:AB:AB", "AB:AB"),
        ("sha-256", "md5"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF 200"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 RTP/AVP 111"),
        ("a=rtpmap:111", "a=rtpmap:55"),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        ("a=recvonly", "a=\x07"),
        ("s=-", "nonsense"),
        ("s=-", "s=" + "x" * 2000),
        ("s=-", "\r\n".join(["s=-"] * 2000)),
        ("a=rtcp-mux", "\r\n".join(f"a=candidate:{number} 1 udp 1 10.0.0.1 {number + 1} typ host" for number in range(30))),
        ("m=audio", "\r\n".join(["m=audio 9 UDP/TLS/RTP/SAVPF 111"] * 20) + "\r\nm=audio"),
    ],
)
def test_a_malformed_offer_is_refused(before: str, after: str) -> None:
    """Each rule on its own, with a reason."""
    assert before in OFFER
    with pytest.raises(SdpInvalid) as refused:
        sdp.read(OFFER.replace(before, after))
    assert refused.value.params["reason"]


@pytest.mark.parametrize(
    ("before", "after", "kind"), [("H264", "VP8", "video"), ("packetization-mode=1", "packetization-mode=0", "video"), ("opus", "PCMU", "audio")]
)
def test_other_codecs_are_refused_by_name(before: str, after: str, kind: str) -> None:
    """One ingest feeds viewers, recordings and playlists without transcoding, so it is H264 and Opus."""
    with pytest.raises(CodecUnsupported) as refused:
        sdp.read(OFFER.replace(before, after))
    assert refused.value.params == {"kind": kind}


@pytest.mark.parametrize("size", [sdp.MOST_BYTES + 1, 50_000_000])
def test_a_giant_offer_is_refused_by_its_size_alone(size: int) -> None:
    """Before any of it is parsed."""
    text = OFFER + "a=x" * (size // 3)
    began = time.perf_counter()
    with pytest.raises(SdpTooLarge):
        sdp.read(text)
    assert time.perf_counter() - began < 0.5


def test_the_worst_offer_within_the_limits_is_read_quickly() -> None:
    """Full to the last byte with attributes of every sort."""
    text = OFFER
    while len(text) < sdp.MOST_BYTES - 40 and text.count("\n") < sdp.MOST_LINES - 2:
        text += f"a=fmtp:111 x={len(text)}\r\n"
    began = time.perf_counter()
    sdp.read(text)
    assert time.perf_counter() - began < 0.25


@settings(max_examples=300)
@given(st.integers(0, len(OFFER)), st.integers(0, 60), st.text(max_size=40))
def test_damaged_offers_are_read_or_refused_by_name(at: int, cut: int, filling: str) -> None:
    """Nothing else than our own errors comes out."""
    with suppress(RtcError):
        sdp.read(OFFER[:at] + filling + OFFER[at + cut :])


def test_a_publisher_is_told_where_to_begin() -> None:
    """The hint stands in the H264 parameters, and nowhere else."""
    hinted = sdp.with_start_bitrate(OFFER, kbps=1500)
    assert "a=fmtp:96 x-google-start-bitrate=1500;level-asymmetry" in hinted
    assert hinted.count("x-google") == 1


def test_a_machine_behind_a_translation_names_its_public_address() -> None:
    """In every candidate, at the port that is open; nothing else changes."""
    told = sdp.announce("a=candidate:1 1 udp 2 10.0.0.5 50000 typ host\r\na=mid:0\r\n", "203.0.113.7")
    assert told == "a=candidate:1 1 udp 2 203.0.113.7 50000 typ host\r\na=mid:0\r\n"
