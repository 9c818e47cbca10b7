"""Who gets which variant: GrowthBook's published vectors, a second hash of our own, and what a split promises."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from growthbook import Experiment as Allocation
from growthbook import GrowthBook
from growthbook.core import chooseVariation, gbhash, getBucketRanges, inNamespace

from merchants.foundation.ids import new_id
from rooms.insights.experiments.assignment import Split, assign, deal
from rooms.insights.stats.gates import SPLIT_ALPHA, check_split

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "allocation_vectors.json").read_text())


def fnv1a(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-8: written from the function's own definition (isthe.com/chongo/tech/comp/fnv), as the oracle."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFF_FFFF
    return value


def own_hash(seed: str, value: str, version: int) -> float | None:
    if version == 2:
        return fnv1a(str(fnv1a(seed + value))) % 10_000 / 10_000
    return fnv1a(value + seed) % 1_000 / 1_000 if version == 1 else None


@pytest.mark.parametrize(("seed", "value", "version", "expected"), VECTORS["hash"])
def test_hash(seed: str, value: str, version: int, expected: float | None) -> None:
    """The library's and the oracle's."""
    assert gbhash(seed, value, version) == expected
    assert own_hash(seed, value, version) == expected


@pytest.mark.parametrize(("name", "given", "expected"), VECTORS["getBucketRange"])
def test_bucket_ranges(name: str, given: list[Any], expected: list[list[float]]) -> None:
    """Which part of the hash's range belongs to which variant."""
    found = getBucketRanges(*given)
    assert [[round(value, 6) for value in part] for part in found] == [[round(value, 6) for value in part] for part in expected]


@pytest.mark.parametrize(("name", "place", "ranges", "expected"), VECTORS["chooseVariation"])
def test_choice_of_a_variant(name: str, place: float, ranges: list[list[float]], expected: int) -> None:
    """The range that a hash falls into."""
    assert chooseVariation(place, ranges) == expected


@pytest.mark.parametrize(("name", "value", "namespace", "expected"), VECTORS["inNamespace"])
def test_namespace(name: str, value: str, namespace: list[Any], expected: bool) -> None:
    """Whether somebody is in the share of a group."""
    assert inNamespace(value, tuple(namespace)) is expected
    assert (namespace[1] <= (own_hash(f"__{namespace[0]}", value, 1) or 0) < namespace[2]) is expected


@pytest.mark.parametrize(("name", "context", "experiment", "value", "is_in", "is_hashed"), VECTORS["run"])
def test_runs(name: str, context: dict[str, Any], experiment: dict[str, Any], value: Any, is_in: bool, is_hashed: bool) -> None:
    """Whole runs of the assigner."""
    result = GrowthBook(attributes=context["attributes"]).run(Allocation(**experiment))
    assert (result.value, result.inExperiment, result.hashUsed) == (value, is_in, is_hashed)


def test_the_assigner_agrees_with_the_oracle() -> None:
    """Five thousand viewers, uneven weights, a share of them: the same variant from the hash alone."""
    split = Split(key="harbour-cards", weights=(1, 3), coverage=600)
    for number in range(5_000):
        place = own_hash("harbour-cards", f"viewer-{number}", 2) or 0
        expected = 0 if place < 0.15 else 1 if 0.25 <= place < 0.25 + 0.45 else None
        assert assign(split, f"viewer-{number}") == expected


def test_a_split_is_sticky_and_even() -> None:
    """The same answer at every call; the arms as large as announced."""
    split = Split(key="sticky", weights=(1, 1, 2))
    first = [assign(split, f"v{number}") for number in range(8_000)]
    assert first == [assign(split, f"v{number}") for number in range(8_000)]
    counts = Counter(first)
    assert check_split([counts[0], counts[1], counts[2]], [1, 1, 2])[1] > SPLIT_ALPHA


def test_experiments_of_one_group_never_meet() -> None:
    """Their shares do not overlap, so no viewer is in both; alone in its group, an experiment has its share of the viewers."""
    one, other = Split("one", (1, 1), group="cards", group_to=400), Split("other", (1, 1), group="cards", group_from=400)
    dealt = [(assign(one, f"v{number}"), assign(other, f"v{number}")) for number in range(5_000)]
    assert all(a is None or b is None for a, b in dealt)
    assert 0.37 < sum(a is not None for a, _ in dealt) / 5_000 < 0.43
    assert not one.overlaps(other)
    assert one.overlaps(Split("third", (1, 1), group="cards", group_from=300))
    assert one.overlaps(Split("elsewhere", (1, 1), group="prices", group_from=400))


def test_rooms_are_dealt_evenly_and_always_the_same() -> None:
    """Ten rooms: five and five, in an order that only the key and the rooms decide."""
    rooms = [new_id() for _ in range(10)]
    dealt = deal("order", [1, 1], rooms)
    assert Counter(dealt.values()) == {0: 5, 1: 5}
    assert deal("order", [1, 1], rooms[::-1]) == dealt
