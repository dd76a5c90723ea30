"""One contract, two implementations: whatever holds on a laptop holds on the cluster."""

import os
import threading
import uuid
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import BadInput
from listings.search import ImageHash, ListingDoc
from listings.search.elastic import ElasticIndex
from listings.search.embedded import EmbeddedIndex
from listings.search.interface import Wanted
from tests.listings.search_docs import NOON, sha

OURS, THEIRS = 1, 2


@pytest.fixture(params=["embedded", pytest.param("elastic", marks=pytest.mark.integration)])
def index(request, tmp_path):
    if request.param == "embedded":
        yield EmbeddedIndex(tmp_path / "index")
        return
    address = os.environ.get("JIKIMI_TEST_ELASTICSEARCH_URL")
    if not address:
        pytest.fail("JIKIMI_TEST_ELASTICSEARCH_URL is not set: run this group with `make test-integration`")
    made = ElasticIndex(address, f"test-{uuid.uuid4().hex}")
    yield made
    for name in made.client.indices.get(index=f"{made.alias}-*"):
        made.client.indices.delete(index=name)
    made.client.close()


def doc(key, title="", *, organisations=(OURS,), text="", shown="", images=(), embeddings=(), minutes=0):
    """Make a document; each of ``embeddings`` holds those of one more picture."""
    pictures = [ImageHash(sha(f"{key} {i}"), bits) for i, bits in enumerate(images)]
    pictures += [ImageHash(sha(f"{key} e{i}"), b"\x55" * 32, found) for i, found in enumerate(embeddings)]
    return ListingDoc(
        key=key,
        organisations=frozenset(organisations),
        title=title,
        text=text,
        shown=shown,
        market="ebay",
        site="DE",
        seller="bargain-1",
        observed_at=NOON + timedelta(minutes=minutes),
        image_hashes=tuple(pictures),
    )


def put(index, *docs):
    index.put(docs)
    index.refresh()


def keys(index, *spellings, organisation=OURS, limit=100):
    return [hit.key for hit in index.search_text(spellings, organisation=organisation, limit=limit)]


def flipped(bits, *positions):
    number = int.from_bytes(bits)
    for position in positions:
        number ^= 1 << position
    return number.to_bytes(32)


def noise(index, count=60):
    put(index, *(doc(f"noise:{i}", f"Garden hose {i} metres, brass fitting, 水管 สายยาง 호스") for i in range(count)))


@pytest.mark.parametrize(
    ("spelling", "title"),
    [
        ("Haneulbit", "NEW haneulbit dew serum 50ml"),
        ("Haneulbit", "ＨＡＮＥＵＬＢＩＴ serum"),
        ("Hanéulbit", "haneulbit serum"),
        ("하늘빛", "정품급 하늘빛세럼 무료배송"),
        ("天光妍", "正品天光妍精华液50ml包邮"),
        ("天光", "正品天光精华液"),
        ("แฮนึลบิท", "เซรั่มแฮนึลบิทแท้100%"),
        ("ハヌルビッ", "ﾊﾇﾙﾋﾞｯ美容液"),
        ("Ханыльбит", "Сыворотка ХАНЫЛЬБИТ"),
        ("هانولبيت", "سيروم هانولبيت أصلي"),
        ("LG", "Charger for LG phones"),
        ("rom&nd", "ROM & ND lip tint"),
    ],
)
def test_a_mark_is_found_in_every_script(index, spelling, title):
    noise(index)
    put(index, doc("ebay:1", title))

    assert keys(index, spelling)[0] == "ebay:1"
    assert "noise:1" not in keys(index, spelling)


@pytest.mark.parametrize(
    "title",
    [
        "Haneulbyt serum",
        "Hanelbit serum",
        "Haneuulbit serum",
        "aneulbit serum",
        "Haneulbi serum",
        "H a n e u l b i t serum",
        "H.a-n_e*u|l/b~i'tserum",
        "Ha\u200bneul\u00adbit serum",
        "HANEUL BIT serum",
    ],
)
def test_one_typo_and_split_letters_are_forgiven(index, title):
    noise(index)
    put(index, doc("ebay:1", title))

    assert keys(index, "Haneulbit") == ["ebay:1"]


@pytest.mark.parametrize(
    "title", ["하늘빗 세럼", "하 늘 빛 세럼", "ㅎㅏㄴㅡㄹㅂㅣㅊ 세럼", "하늘빛 세럼".replace(" ", "")]
)
def test_hangul_is_compared_by_jamo(index, title):
    noise(index)
    put(index, doc("coupang:1", title))

    assert keys(index, "하늘빛") == ["coupang:1"]


@given(
    data=st.data(), mark=st.text("abcdefghijklmnop", min_size=5, max_size=14).filter(lambda m: len(set(m)) == len(m))
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_single_typo_hides_a_mark(index, data, mark):
    at = data.draw(st.integers(0, len(mark) - 1))
    typo = data.draw(
        st.sampled_from([mark[:at] + mark[at + 1 :], mark[:at] + "z" + mark[at + 1 :], mark[:at] + "z" + mark[at:]])
    )
    put(index, doc("ebay:1", f"xxx {typo} yyy", minutes=0), doc("ebay:2", "qqqq rrrr ssss tttt"))

    assert keys(index, mark) == ["ebay:1"]
    index.remove(["ebay:1"])
    index.refresh()
    assert keys(index, mark) == []


def test_the_surer_comes_first_and_a_word_of_its_own_before_letters_inside_another(index):
    put(
        index,
        doc("a:typo", "Haneulbyt serum"),
        doc("b:exact", "Haneulbit serum"),
        doc("c:inside", "balgo x"),
        doc("d:word", "LG x"),
    )

    exact, typo = index.search_text(["Haneulbit"], organisation=OURS, limit=10)
    assert (exact.key, typo.key) == ("b:exact", "a:typo")
    assert exact.score == pytest.approx(1.0)
    assert 0 < typo.score < exact.score
    assert keys(index, "LG") == ["d:word", "c:inside"]


def test_several_spellings_give_each_listing_once_with_its_best_score(index):
    put(index, doc("a:1", "Haneulbit 하늘빛"), doc("a:2", "하늘빛"), doc("a:3", "Haneulbyt"))

    assert keys(index, "Haneulbit", "하늘빛") == ["a:1", "a:2", "a:3"]
    assert keys(index, "Haneulbit", "하늘빛", limit=2) == ["a:1", "a:2"]


def test_the_description_is_searched_too(index):
    put(index, doc("a:1", "Serum 50 ml", text="Inspired by Haneulbit"))

    assert keys(index, "Haneulbit") == ["a:1"]


def test_what_was_read_in_pictures_is_searched_too_however_long_the_description_is(index):
    put(index, doc("a:1", "Serum 50 ml", text="long " * 5000, shown="하늘빛 정품"), doc("a:2", "Serum 50 ml"))

    assert keys(index, "하늘빛") == swept(index, Wanted(spellings=("하늘빛",))) == ["a:1"]


def test_what_is_learned_of_a_listing_later_replaces_what_was_indexed_of_the_same_look(index):
    put(index, doc("a:1", "Serum"))
    put(index, doc("a:1", "Serum", shown="Haneulbit", embeddings=[[vector(1)]]))
    assert keys(index, "Haneulbit") == ["a:1"]
    assert swept(index, Wanted(embeddings=(vector(1),), least_cosine=0.9)) == ["a:1"]

    put(index, doc("a:1", "Serum", shown="Garden hose"))
    assert keys(index, "Haneulbit") == []
    assert swept(index, Wanted(embeddings=(vector(1),), least_cosine=0.9)) == []
    assert index.count() == 1


def test_what_is_not_indexed_as_it_should_be_is_told(index):
    same, other = doc("a:1", "Serum", images=[bytes(32)]), doc("a:2", "Serum")
    assert [*index.differing([same])] == ["a:1"]
    put(index, same, other)

    assert [*index.differing([same, other])] == []
    read = doc("a:2", "Serum", shown="Haneulbit")
    described = doc("a:1", "Serum", embeddings=[[vector(1)]])
    shared = doc("a:1", "Serum", organisations=[OURS, THEIRS], images=[bytes(32)])
    for changed in (read, described, shared, doc("a:3")):
        assert [*index.differing([same, changed])][-1:] == [changed.key]


@pytest.mark.parametrize("spelling", ["", " ", "x", "茶", "%", "=", '"', "' OR 1"])
def test_odd_spellings_are_no_error(index, spelling):
    put(index, doc("a:1", "Haneulbit =x= 100% 茶"))

    assert keys(index, spelling) == []


def test_titles_of_any_kind_are_taken(index):
    titles = ["", "x", "\x00null\x00", "🧴🧴", "a" * 10_000, "<script>alert(1)</script>", "ᆨᆩ", "\ud7ff\uffff"]
    put(index, *(doc(f"odd:{i}", title) for i, title in enumerate(titles)))

    assert index.count() == len(titles)
    assert keys(index, "alert") == ["odd:5"]


def test_nobody_finds_what_was_not_found_for_them(index):
    bits = bytes(range(32))
    put(
        index,
        doc("a:1", "Haneulbit", organisations=[OURS], images=[bits]),
        doc("a:2", "Haneulbit", organisations=[THEIRS], images=[bits]),
        doc("a:3", "Haneulbit", organisations=[OURS, THEIRS], images=[bits]),
        doc("a:4", "Haneulbit", organisations=[], images=[bits]),
    )

    def pictures(organisation):
        hits = index.search_image(bits, max_distance=0, organisation=organisation, limit=10)
        return [hit.key for hit in hits]

    assert keys(index, "Haneulbit", organisation=OURS) == pictures(OURS) == ["a:1", "a:3"]
    assert keys(index, "Haneulbit", organisation=THEIRS) == pictures(THEIRS) == ["a:2", "a:3"]
    assert keys(index, "Haneulbit", organisation=None) == pictures(None) == ["a:1", "a:2", "a:3", "a:4"]
    assert keys(index, "Haneulbit", organisation=99) == pictures(99) == []


def test_another_tenants_hits_do_not_use_up_the_limit(index):
    bits = bytes(32)
    others = [doc(f"a:{i:03}", "Haneulbit", organisations=[THEIRS], images=[bits]) for i in range(50)]
    put(index, *others, doc("z:1", "Haneulbyt", images=[flipped(bits, 3, 4)]))

    assert keys(index, "Haneulbit", limit=3) == ["z:1"]
    assert [h.key for h in index.search_image(bits, max_distance=256, organisation=OURS, limit=3)] == ["z:1"]


def test_putting_twice_changes_nothing_and_putting_anew_replaces(index):
    old, new = bytes(32), b"\xff" * 32
    put(index, doc("a:1", "Haneulbit", images=[old]))
    put(index, doc("a:1", "Haneulbit", images=[old]))
    assert index.count() == 1
    assert len(index.search_image(old, max_distance=0, organisation=OURS, limit=10)) == 1

    put(index, doc("a:1", "Garden hose", organisations=[THEIRS], images=[new], minutes=1))
    assert index.count() == 1
    assert keys(index, "Haneulbit", organisation=None) == []
    assert keys(index, "Garden hose") == []
    assert keys(index, "Garden hose", organisation=THEIRS) == ["a:1"]
    assert index.search_image(old, max_distance=0, organisation=None, limit=10) == []
    assert len(index.search_image(new, max_distance=0, organisation=THEIRS, limit=10)) == 1


def test_an_earlier_look_never_replaces_a_later_one(index):
    put(index, doc("a:1", "Haneulbit", minutes=5))
    put(index, doc("a:1", "Garden hose", minutes=4))
    assert keys(index, "Haneulbit") == ["a:1"]

    put(index, doc("a:1", "Haneulbit", organisations=[OURS, THEIRS], minutes=5))
    assert keys(index, "Haneulbit", organisation=THEIRS) == ["a:1"]


def test_what_is_removed_is_gone_and_may_come_back(index):
    bits = bytes(range(32))
    put(index, doc("a:1", "Haneulbit", images=[bits]), doc("a:2", "Haneulbit"))
    index.remove(["a:1", "never:was"])
    index.refresh()
    assert keys(index, "Haneulbit") == ["a:2"]
    assert index.search_image(bits, max_distance=256, organisation=OURS, limit=10) == []
    assert index.count() == 1

    put(index, doc("a:1", "Haneulbit", images=[bits]))
    assert keys(index, "Haneulbit") == ["a:1", "a:2"]
    index.clear()
    index.refresh()
    assert index.count() == 0
    assert keys(index, "Haneulbit") == []


def test_an_index_nobody_wrote_to_is_empty(index):
    assert index.count() == 0
    assert keys(index, "Haneulbit") == []
    assert index.search_image(bytes(32), max_distance=256, organisation=None, limit=10) == []
    index.refresh()


@given(
    codes=st.lists(st.lists(st.binary(min_size=32, max_size=32), max_size=3), min_size=1, max_size=12),
    wanted=st.binary(min_size=32, max_size=32),
    flips=st.lists(st.integers(0, 255), max_size=40, unique=True),
    limit=st.integers(1, 20),
    max_distance=st.integers(0, 256),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hamming_distances_are_exact(index, codes, wanted, flips, limit, max_distance):
    index.clear()
    codes = [*codes, [flipped(wanted, *flips)], [wanted]]
    docs = [doc(f"a:{i:02}", "x", images=pictures) for i, pictures in enumerate(codes)]
    put(index, *docs)

    every = sorted(
        ((int.from_bytes(image.bits) ^ int.from_bytes(wanted)).bit_count(), each.key, image.sha256)
        for each in docs
        for image in each.image_hashes
    )
    expected = [row for row in every if row[0] <= max_distance][:limit]
    found = index.search_image(wanted, max_distance=max_distance, organisation=OURS, limit=limit)
    assert sorted(hit.distance for hit in found) == [row[0] for row in expected]
    assert {(hit.distance, hit.key, hit.sha256) for hit in found} <= set(every)
    assert found == sorted(found, key=lambda hit: (hit.distance, hit.key, hit.sha256))


def test_searches_never_see_half_a_rebuild(index):
    put(index, *(doc(f"old:{i}", "Haneulbit") for i in range(20)))
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            seen.add(frozenset(keys(index, "Haneulbit")))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        index.rebuild(doc(f"new:{i}", "Haneulbit") for i in range(30))
        index.refresh()
    finally:
        stop.set()
        reader.join()

    old, new = frozenset(f"old:{i}" for i in range(20)), frozenset(f"new:{i}" for i in range(30))
    assert seen <= {old, new}
    assert set(keys(index, "Haneulbit")) == new
    assert index.count() == 30


def test_what_is_put_during_a_rebuild_is_kept(index):
    put(index, doc("a:1", "Haneulbit"))

    def records():
        yield doc("a:1", "Haneulbit")
        put(index, doc("a:2", "Haneulbit", minutes=2))
        yield doc("a:2", "Garden hose", minutes=1)

    index.rebuild(records())
    index.refresh()
    assert keys(index, "Haneulbit") == ["a:1", "a:2"]


def test_a_rebuild_that_breaks_changes_nothing(index):
    put(index, doc("a:1", "Haneulbit"))

    def records():
        yield from (doc(f"new:{i}", "Haneulbit") for i in range(600))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        index.rebuild(records())
    index.refresh()
    assert keys(index, "Haneulbit") == ["a:1"]

    index.rebuild([doc("a:2", "Haneulbit")])
    index.refresh()
    assert keys(index, "Haneulbit") == ["a:2"]


def test_bad_questions_are_answered_with_what_was_wrong(index):
    with pytest.raises(BadInput, match="limit"):
        index.search_text(["x"], organisation=None, limit=0)
    with pytest.raises(BadInput, match="bits"):
        index.search_image(b"short", max_distance=1, organisation=None, limit=1)
    with pytest.raises(BadInput, match="max_distance"):
        index.search_image(bytes(32), max_distance=257, organisation=None, limit=1)
    with pytest.raises(BadInput, match="bits"):
        ImageHash("0", b"short")
    with pytest.raises(BadInput, match="key"):
        doc("x" * 513)
    with pytest.raises(BadInput, match="observed_at"):
        ListingDoc(key="a", organisations=frozenset(), title="", observed_at=NOON.replace(tzinfo=None))


def swept(index, wanted, organisation=OURS, size=10_000):
    """Sweep page by page and return every key, in the order it came."""
    found, after = [], ""
    while page := index.sweep(wanted, organisation=organisation, after=after, limit=size):
        assert len(page) <= size
        found += page
        after = page[-1]
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_sweep_misses_nothing_whatever_the_size_of_its_pages(index, size):
    noise(index)
    near, far = bytes(32), bytes([255] * 32)
    put(
        index,
        *(doc(f"text:{i}", "Haneulbyt serum") for i in range(7)),
        *(doc(f"picture:{i}", "Dew", images=[far, flipped(near, *range(6 - i))]) for i in range(7)),
        doc("both:1", "Haneulbit", images=[near]),
        doc("not:1", "Haneulbit", organisations=[THEIRS], images=[near]),
    )
    wanted = Wanted(spellings=("Haneulbit", "하늘빛"), codes=(near, flipped(near, 200)), max_distance=4)

    expected = ["both:1", *(f"picture:{i}" for i in range(2, 7)), *(f"text:{i}" for i in range(7))]
    assert swept(index, wanted, size=size) == expected
    assert "not:1" in swept(index, wanted, organisation=None)


def test_a_sweep_finds_what_the_searches_find(index):
    noise(index)
    put(index, *(doc(f"a:{i}", "하늘빛 Haneulbit", images=[flipped(bytes(32), *range(i))]) for i in range(12)))

    assert swept(index, Wanted(spellings=("하늘빛",))) == sorted(keys(index, "하늘빛"))
    near = index.search_image(bytes(32), max_distance=6, organisation=OURS, limit=100)
    assert swept(index, Wanted(codes=(bytes(32),), max_distance=6)) == sorted(hit.key for hit in near)


def vector(seed, *, toward=None, share=0.0):
    """Return an embedding: a random direction, or one whose cosine with ``toward`` is about ``share``."""
    chance = np.random.default_rng(seed)
    found = chance.normal(size=128)
    if toward is not None:
        aim = np.frombuffer(toward, np.int8) / np.linalg.norm(np.frombuffer(toward, np.int8).astype(float))
        found -= found @ aim * aim
        found = found / np.linalg.norm(found) * (1 - share**2) ** 0.5 + share * aim
    return np.rint(found / np.abs(found).max() * 127).astype(np.int8).tobytes()


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_sweep_finds_listings_by_the_embedding_of_a_picture_or_of_a_part(index, size):
    aim, other = vector(1), vector(2)
    put(
        index,
        *(doc(f"a:{i}", embeddings=[[vector(10 + i, toward=aim, share=0.5 + i / 10)]]) for i in range(5)),
        doc("b:part", embeddings=[[vector(30)], [vector(31), vector(32), vector(33, toward=aim, share=0.9)]]),
        doc("c:other", embeddings=[[vector(34, toward=other, share=0.9)]]),
        doc("d:none", images=[bytes(32)]),
        doc("e:theirs", organisations=[THEIRS], embeddings=[[aim]]),
        *(doc(f"noise:{i}", embeddings=[[vector(100 + i)]]) for i in range(20)),
    )

    assert swept(index, Wanted(embeddings=(aim,), least_cosine=0.65), size=size) == ["a:2", "a:3", "a:4", "b:part"]
    both = Wanted(embeddings=(aim, other), least_cosine=0.65)
    assert swept(index, both, size=size) == ["a:2", "a:3", "a:4", "b:part", "c:other"]
    assert "e:theirs" in swept(index, both, organisation=None, size=size)
    with_code = Wanted(codes=(bytes(32),), max_distance=3, embeddings=(other,), least_cosine=0.65)
    assert swept(index, with_code, size=size) == ["c:other", "d:none"]


def test_a_sweep_for_nothing_finds_nothing_and_bad_questions_are_refused(index):
    put(index, doc("a:1", "Haneulbit", images=[bytes(32)]))

    assert swept(index, Wanted()) == []
    assert swept(index, Wanted(spellings=("x",))) == []
    with pytest.raises(BadInput, match="bits"):
        index.sweep(Wanted(codes=(b"short",)), organisation=OURS, limit=5)
    with pytest.raises(BadInput, match="limit"):
        index.sweep(Wanted(), organisation=OURS, limit=0)
    with pytest.raises(BadInput, match="least_cosine"):
        index.sweep(Wanted(embeddings=(vector(1),), least_cosine=0.0), organisation=OURS, limit=5)
    for embedding in (b"short", bytes(128)):
        with pytest.raises(BadInput, match="embeddings"):
            index.sweep(Wanted(embeddings=(vector(1), embedding)), organisation=OURS, limit=5)
        with pytest.raises(BadInput, match="embeddings"):
            ImageHash("0", bytes(32), (embedding,))


def test_a_sweep_forgives_two_typos_in_a_long_word_and_one_in_a_short_one(index):
    put(index, doc("a:1", "Haneilbyt serum"), doc("a:2", "Dagra serum"), doc("a:3", "Garden hose, brass fitting"))

    assert swept(index, Wanted(spellings=("Haneulbit",))) == ["a:1"]
    assert swept(index, Wanted(spellings=("Dewly",))) == []
    assert keys(index, "Haneulbit") == []
