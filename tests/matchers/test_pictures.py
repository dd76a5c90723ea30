import io

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from contracts.match import PictureRelation, ReferencePicture
from evidence.pictures import MAX_BYTES, BadPicture, decode, inspect
from jikimi.commands.match import command
from matchers.images.compare import compare, rank
from matchers.images.descriptor import Descriptor, describe, describe_picture
from matchers.images.doors import rank_folders
from matchers.images.features import local_features, mirrored_features, mirrored_points
from matchers.images.index import ReferenceIndex, summarise
from matchers.images.parts import MOST, parts
from matchers.images.verify import agree, pdq_distance


def drawn(seed: int, size: int = 400) -> Image.Image:
    """Draw a busy packshot-like picture; another seed is another product."""
    noise = np.random.default_rng(seed)
    picture = Image.new("RGB", (size, size), tuple(int(v) for v in noise.integers(180, 255, 3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = (int(v) for v in noise.integers(0, size - 60, 2))
        w, h = (int(v) for v in noise.integers(12, 60, 2))
        colour = tuple(int(v) for v in noise.integers(0, 255, 3))
        if noise.random() < 0.5:
            pen.ellipse((x, y, x + w, y + h), fill=colour, outline="black")
        else:
            pen.rectangle((x, y, x + w, y + h), fill=colour, outline="white")
        pen.text((x, y), f"K{noise.integers(1000)}", fill="black")
    return picture


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def references():
    return [describe_picture(drawn(seed), f"{seed:064x}") for seed in range(12)]


@pytest.fixture(scope="module")
def index(references):
    return ReferenceIndex(references)


def photo(seed, size=400):
    """Return something with soft outlines, as most photos have."""
    noise = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC)


def overlap(one, other):
    """Return intersection over union of two boxes (left, top, right, bottom)."""
    inner = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None).prod()
    return inner / (sum(np.subtract(box[2:], box[:2]).prod() for box in (one, other)) - inner)


def pasted(picture):
    scene = photo(999, 600)
    scene.paste(picture.resize((260, 260)), (300, 40))
    return scene


def collage(picture):
    page = Image.new("RGB", (410, 410), "white")
    for place, cell in enumerate((photo(901), photo(902), picture, photo(903))):
        page.paste(cell.resize((200, 200)), (210 * (place % 2), 210 * (place // 2)))
    return page


def screenshot(picture):
    page = Image.new("RGB", (360, 720), (250, 250, 250))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 360, 50), fill="navy")
    for line in range(6):
        pen.text((20, 70 + 20 * line), "so nice, must have, last one", fill="black")
    page.paste(picture.resize((160, 160)), (90, 320))
    return page


def leaning(picture):
    corners = np.float32([[0, 0], [400, 0], [400, 400], [0, 400]])
    moved = np.float32([[40, 30], [380, 0], [340, 390], [0, 360]])
    turn = cv2.getPerspectiveTransform(corners, moved)
    return Image.fromarray(cv2.warpPerspective(np.asarray(picture), turn, (400, 400)))


EDITS = {
    "same": lambda p: p,
    "smaller, brighter": lambda p: ImageEnhance.Brightness(p.resize((210, 210))).enhance(1.3),
    "mirrored": ImageOps.mirror,
    "quarter turn": lambda p: p.rotate(90),
    "tilted": lambda p: p.rotate(8, expand=True, fillcolor="white"),
    "cropped": lambda p: p.crop((90, 70, 380, 360)),
    "framed": lambda p: ImageOps.expand(p, 60, "black"),
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(2)),
    "pasted into another": pasted,
    "one of a collage": collage,
    "shown in a screenshot": screenshot,
    "seen from the side": leaning,
    "mirrored on its head": lambda p: ImageOps.mirror(p.rotate(180)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_photo_is_traced_to_its_original_and_to_no_other(index, edit):
    query = describe_picture(EDITS[edit](drawn(4)), "f" * 64)

    first, *others = rank(query, index)

    assert first.position == 4
    assert first.score > 0.8
    assert all(other.score < 0.5 for other in others)


@pytest.mark.parametrize(
    ("made", "box"),
    [(collage, (0, 210, 200, 410)), (screenshot, (90, 320, 250, 480)), (pasted, (300, 40, 560, 300))],
)
def test_a_picture_inside_a_picture_is_found(made, box):
    found = parts(np.asarray(made(photo(4))))

    assert max(overlap(part, box) for part in found) > 0.8


def test_a_cell_of_a_collage_lies_where_it_was_put(index):
    region = rank(describe_picture(collage(drawn(4)), "f" * 64), index)[0].agreement.query_region

    assert region.left < 0.1
    assert region.left + region.width < 0.55
    assert region.top > 0.45


def test_a_plain_photo_has_no_parts():
    smooth = np.add.outer(np.arange(300), np.arange(300))[..., None] // np.array([3, 4, 5])

    assert len(describe_picture(Image.fromarray(smooth.astype(np.uint8)), "a" * 64).views) == 1


def test_only_candidates_are_fetched_once_a_summary_is_kept(references):
    class OnDisk(list):
        fetched = 0

        def __getitem__(self, place):
            self.fetched += 1
            return super().__getitem__(place)

    stored = OnDisk(references)
    index = ReferenceIndex(stored, summarise(references))

    assert rank(describe_picture(drawn(4), "f" * 64), index)[0].position == 4
    assert stored.fetched == 1  # its hash is the registered one's: nothing else needs looking at


def test_the_mirror_image_is_found_without_looking_again(references):
    grey = cv2.cvtColor(np.asarray(drawn(4)), cv2.COLOR_RGB2GRAY)
    points, features = local_features(grey, 200)
    _, again = local_features(np.ascontiguousarray(grey[:, ::-1]), 200)

    cosines = mirrored_features(features).astype(float) @ again.astype(float).T / 512**2

    assert np.median(cosines.max(axis=1)) > 0.95
    assert mirrored_points(points, 400)[0, 0] == 399 - points[0, 0]


def symmetric(seed):
    """Return a picture whose left half is its right half's mirror image."""
    picture = drawn(seed)
    picture.paste(ImageOps.mirror(picture.crop((0, 0, 200, 400))), (200, 0))
    return picture


def soft(seed, *, symmetric=False):
    """Return a picture with soft outlines, which has no corners to go by."""
    picture = photo(seed)
    if symmetric:
        picture.paste(ImageOps.mirror(picture.crop((0, 0, 200, 400))), (200, 0))
    return picture


@pytest.mark.parametrize(
    ("picture", "registered", "mirrored"),
    [
        (drawn(4), drawn(4), False),
        (drawn(4).rotate(8, fillcolor="white"), drawn(4), False),
        (ImageOps.mirror(drawn(4)), drawn(4), True),
        (ImageOps.mirror(drawn(4)).crop((30, 30, 380, 380)), drawn(4), True),
        (symmetric(4).rotate(4, fillcolor="white"), symmetric(4), False),
        (ImageOps.mirror(symmetric(4)).rotate(4, fillcolor="white"), symmetric(4), False),
        (ImageOps.mirror(soft(7)), soft(7), True),
        (ImageOps.mirror(soft(7, symmetric=True)), soft(7, symmetric=True), False),
    ],
)
def test_a_mirrored_copy_is_told_from_a_picture_that_is_its_own_mirror_image(picture, registered, mirrored):
    reference = describe_picture(registered, "a" * 64)
    product = ReferencePicture(image_id="p", sha256="a" * 64, kind="product")

    match = compare(describe_picture(picture, "b" * 64), ReferenceIndex([reference]), [product])[0]

    assert (match.relation, match.mirrored) == (PictureRelation.COPY, mirrored)


def test_a_stranger_matches_nothing(index, references):
    pictures = [ReferencePicture(image_id=str(n), sha256=d.sha256, kind="product") for n, d in enumerate(references)]

    assert compare(describe_picture(drawn(500), "e" * 64), index, pictures) == []


def test_the_matched_region_lies_where_the_photo_was_pasted(index, references):
    pictures = [ReferencePicture(image_id=str(n), sha256=d.sha256, kind="product") for n, d in enumerate(references)]

    match = compare(describe_picture(pasted(drawn(4)), "d" * 64), index, pictures)[0]

    assert match.relation is PictureRelation.COPY
    region = match.listing_region
    assert region.left >= 0.45
    assert region.top + region.height <= 0.55
    assert region.width > 0.25
    assert match.reference_region.width > 0.5


def test_a_logo_seen_again_is_artwork_not_a_copied_photo(index, references):
    pictures = [ReferencePicture(image_id=str(n), sha256=d.sha256, kind="logo") for n, d in enumerate(references)]

    match = compare(describe_picture(drawn(4), "c" * 64), index, pictures)[0]

    assert match.relation is PictureRelation.ARTWORK


def test_a_descriptor_survives_its_cache_and_a_torn_cache_is_no_descriptor():
    made = describe(encoded(drawn(7)))
    stored = made.to_bytes()

    again = Descriptor.from_bytes(stored)

    assert again.sha256 == made.sha256
    assert pdq_distance(made, again) == 0
    assert agree(made, again).inliers > 50
    assert Descriptor.from_bytes(stored[:500]) is None
    assert Descriptor.from_bytes(b"") is None


def test_the_same_pictures_always_give_the_same_answer(references):
    query = describe_picture(drawn(4).rotate(5), "b" * 64)

    one, again = agree(query, references[4]), agree(query, references[4])

    assert one.inliers == again.inliers > 0
    assert np.array_equal(one.transform, again.transform)
    assert np.array_equal(one.grid.values, again.grid.values, equal_nan=True)


def test_flat_and_tiny_pictures_are_described_and_match_nothing(index):
    sizes = ((300, 300), (1, 1), (2000, 3), (1, 10_000))
    for picture in [Image.new("RGB", size, colour) for size in sizes for colour in ("white", "black")]:
        described = describe(encoded(picture))
        assert all(item.score < 0.5 for item in rank(described, index))


def odd_pictures():
    noise = np.random.default_rng(5)
    shapes = ((1, 1), (2, 1), (3, 3), (12, 12), (1, 10_000), (10_000, 1), (11, 400), (2, 9_000))
    yield from (noise.integers(0, 256, (*shape, 3), np.uint8) for shape in shapes)
    cells = noise.integers(0, 256, (10, 10, 3), np.uint8)
    page = np.kron(cells, np.ones((90, 90, 1), np.uint8))
    page[::90] = page[:, ::90] = 255
    yield page
    yield np.zeros((400, 400, 3), np.uint8)
    grid = np.full((400, 400, 3), 255, np.uint8)
    grid[::20] = grid[:, ::20] = 0
    yield grid


def test_odd_pictures_are_registered_and_looked_for_and_the_work_stays_bounded():
    odd = [describe(encoded(Image.fromarray(pixels))) for pixels in odd_pictures()]
    registered = ReferenceIndex(odd)

    for query in odd:
        found, again = ([(item.position, item.score) for item in rank(query, registered, 100)] for _ in range(2))
        assert found == again
        assert all(0 <= score <= 1 for _, score in found)
        assert len(query.views) <= MOST + 1
        assert all(0 <= agree(query, other).visible <= 1 for other in odd)


HOSTILE = {
    "not a picture": b"<html>no</html>",
    "empty": b"",
    "truncated": encoded(drawn(1))[:900],
    "too many bytes": b"\xff\xd8" + b"\0" * MAX_BYTES,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_bytes_are_refused_with_a_reason(case):
    with pytest.raises(BadPicture, match=r"\w+"):
        describe(HOSTILE[case])


def test_a_bomb_is_refused_from_its_header_alone():
    bomb = encoded(Image.new("1", (30_000, 30_000)))

    with pytest.raises(BadPicture, match="900000000 pixels"):
        inspect(bomb)


def test_odd_kinds_of_pictures_decode_to_rgb():
    frames = [drawn(1).quantize(), drawn(2).quantize()]
    animated = io.BytesIO()
    frames[0].save(animated, "GIF", save_all=True, append_images=frames[1:])
    deep = Image.fromarray((np.arange(40_000).reshape(200, 200) % 65536).astype(np.uint16))
    transparent = Image.new("RGBA", (50, 50), (255, 0, 0, 0))

    assert decode(animated.getvalue()).mode == "RGB"
    assert decode(encoded(drawn(1).convert("CMYK"), "JPEG")).mode == "RGB"
    assert decode(encoded(deep)).mode == "RGB"
    assert decode(encoded(transparent)).getpixel((5, 5)) == (255, 255, 255)


@pytest.fixture
def folders(tmp_path):
    for folder in ("references", "queries"):
        (tmp_path / folder).mkdir()
    for seed in (1, 2):
        (tmp_path / "references" / f"r{seed}.png").write_bytes(encoded(drawn(seed)))
    (tmp_path / "references" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "queries" / "q1.jpg").write_bytes(encoded(drawn(2).resize((300, 300)), "JPEG"))
    (tmp_path / "queries" / "q2.jpg").write_bytes(b"\xff\xd8\xff")
    return tmp_path / "references", tmp_path / "queries"


def test_ranking_folders_reports_a_broken_file_and_goes_on(folders):
    results = list(rank_folders(*folders))

    messages = [item for item in results if isinstance(item, str)]
    (rows,) = [item for item in results if not isinstance(item, str)]
    assert [message.split(":")[0] for message in messages] == ["broken.png", "q2.jpg"]
    assert rows[0][:2] == ("q1.jpg", "r2.png")
    assert rows[0][2] > 0.8


@pytest.mark.parametrize("verb", ["images", "logos"])
def test_the_door_prints_a_ranking_and_names_what_it_could_not_read(folders, verb):
    result = CliRunner().invoke(command, [verb, *map(str, folders)])

    header, first, *_ = result.stdout.splitlines()
    assert header == "query,reference,score"
    assert first.startswith("q1.jpg,r2.png,0.")
    assert "broken.png" in result.stderr
    assert "q2.jpg" in result.stderr
