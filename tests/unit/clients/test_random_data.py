"""Random data are made again from their seed, in the size that was asked for."""

import zlib

import pytest

from harness.clients.random_data import MIB, RandomData, parse_size


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, MIB - 1, MIB, MIB + 1, 2 * MIB + 5])
def test_random_data_is_the_same_each_time_and_has_its_size(size):
    data = RandomData(size, seed=7)

    assert len(data.content) == sum(map(len, data.blocks())) == size
    assert data.content == RandomData(size, seed=7).content
    assert data.adler32 == f"{zlib.adler32(data.content):08x}"


def test_blocks_of_random_data_differ():
    first, second = RandomData(2 * MIB, seed=7).blocks()

    assert first != second


@pytest.mark.parametrize(("text", "size"), [("0 B", 0), ("4 KiB", 4096), ("256 MiB", 256 * MIB)])
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "4", "4KiB", "4 kB", "x MiB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)
