import io

import numpy as np
import pytest
from PIL import Image

from evidence.pictures import BadPicture
from evidence.store import NoSuchContent, Store
from listings.descriptors import DESCRIPTORS, SUMMARIES, Described, descriptor, for_search, prepare
from listings.processes import FEW
from listings.search.interface import ImageHash
from matchers.images.descriptor import describe
from matchers.images.index import joined, summarise


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    return Store(settings.EVIDENCE_DIR)


def picture(seed):
    cells = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(cells).resize((120, 120), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def test_descriptors_are_made_once_and_a_torn_one_is_made_again(store, settings):
    sha256 = store.put(picture(1))
    prepare([sha256, "1" * 64])
    (path,) = settings.INDEX_DIR.rglob("*.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])

    assert descriptor(sha256).sha256 == sha256
    assert path.read_bytes() == whole
    assert descriptor("1" * 64) is None


def test_registered_pictures_are_fetched_by_place_and_a_lost_one_is_named(store):
    sha256 = store.put(picture(1))
    described = Described([sha256, "1" * 64])

    assert len(described) == 2
    assert described[0].sha256 == sha256
    with pytest.raises(NoSuchContent, match="1" * 64):
        described[1]


def test_summaries_are_made_from_descriptors_once_and_read_without_them(store, settings):
    sha256s = [store.put(picture(seed)) for seed in range(FEW)]  # so many that other processes make them
    SUMMARIES.prepare([*sha256s, store.put(b"no picture")])
    described = [DESCRIPTORS.kept(sha256) for sha256 in sha256s]
    for path in settings.INDEX_DIR.rglob("*.npz"):
        path.unlink()
    for sha256 in sha256s:
        store.path(sha256).unlink()

    read, made = joined(SUMMARIES.of(sha256) for sha256 in sha256s), summarise(described)

    assert len(read.pdq) == FEW
    for name in ("pdq", "phash", "embeddings", "cells", "bits", "owners"):
        assert np.array_equal(getattr(read, name), getattr(made, name)), name
    assert len(read.owners) > FEW
    assert SUMMARIES.of(store.put(b"no picture")) is None


@pytest.mark.parametrize("torn", [b"", b"short", slice(0, -1), slice(0, -10), slice(10, None)])
def test_a_torn_summary_is_made_again(store, settings, torn):
    sha256 = store.put(picture(1))
    SUMMARIES.prepare([sha256])
    (path,) = settings.INDEX_DIR.rglob("*.summary")
    whole = path.read_bytes()
    path.write_bytes(torn if isinstance(torn, bytes) else whole[torn])

    assert np.array_equal(SUMMARIES.of(sha256).pdq[0], describe(picture(1)).whole.pdq[0])
    assert path.read_bytes() == whole


def test_search_takes_what_a_descriptor_has_and_of_an_undescribed_picture_the_hash_alone(store, settings):
    described, other = store.put(picture(1)), store.put(picture(2))
    prepare([described])
    store.path(described).unlink()
    whole = describe(picture(1)).whole

    assert for_search(described).bits == whole.pdq[0].tobytes()
    assert for_search(described).embeddings[0] == whole.embedding.tobytes()
    assert for_search(other) == ImageHash(other, describe(picture(2)).whole.pdq[0].tobytes())
    assert DESCRIPTORS.kept(other) is None
    with pytest.raises(NoSuchContent):
        for_search("1" * 64)
    with pytest.raises(BadPicture):
        for_search(store.put(b"no picture"))
