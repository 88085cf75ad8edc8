"""The bundled digits are the published ones, and the made data sets are what their docstrings say."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import datasets

DATA = Path(datasets.__file__).parent / "data"
MADE = {"moons": datasets.moons, "spirals": datasets.spirals}
every_made = pytest.mark.parametrize("make", MADE.values(), ids=list(MADE))
every_set = pytest.mark.parametrize(
    "load",
    [
        datasets.digits,
        datasets.digits16,
        datasets.xor,
        lambda: datasets.moons(30, np.random.default_rng(0)),
        lambda: datasets.spirals(30, np.random.default_rng(0)),
    ],
    ids=["digits", "digits16", "xor", "moons", "spirals"],
)


# ---- digits ------------------------------------------------------------------------------------------------------


def test_digits_have_the_class_counts_the_repository_states_for_its_test_part():
    _, labels = datasets.digits()
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_are_shares_of_16_pixels():
    images, labels = datasets.digits()
    assert images.shape == (1797, 8, 8)
    assert labels.shape == (1797,)
    counts = images * 16
    assert np.array_equal(counts, np.round(counts))
    assert (counts.min(), counts.max()) == (0, 16)


def test_the_first_digit_is_the_zero_everyone_knows():
    image = datasets.digits()[0][0] * 16
    assert image[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert image[7].tolist() == [0, 0, 6, 13, 10, 0, 0, 0]


def test_each_image_is_upright_and_belongs_to_its_label():
    # The nearest class mean gets about 9 in 10 right, if and only if pixels and labels stay together.
    images, labels = datasets.digits()
    x = images.reshape(1797, 64)
    means = np.array([x[:1000][labels[:1000] == digit].mean(axis=0) for digit in range(10)])
    nearest = np.argmin(((x[1000:, None] - means) ** 2).sum(axis=2), axis=1)
    assert np.mean(nearest == labels[1000:]) > 0.85
    seven = means[7].reshape(8, 8)
    assert seven[:2].sum() > 1.4 * seven[-2:].sum()  # a seven has its bar at the top


def test_digits16_are_ink_or_no_ink():
    images, labels = datasets.digits16()
    assert images.shape == (1797, 16, 16)
    assert set(np.unique(images)) == {0, 1}
    np.testing.assert_array_equal(labels, datasets.digits()[1])


def test_digits16_are_the_bilinear_enlargement_cut_at_one_half():
    small, large = datasets.digits()[0][:50], datasets.digits16()[0][:50]
    for row in range(16):
        for column in range(16):
            # the centre of the new pixel in old pixels, kept within the outermost old centres
            y, x = (min(max((place + 0.5) / 2 - 0.5, 0), 7) for place in (row, column))
            top, left = min(int(y), 6), min(int(x), 6)
            down, right = y - top, x - left
            blend = (
                (1 - down) * (1 - right) * small[:, top, left]
                + (1 - down) * right * small[:, top, left + 1]
                + down * (1 - right) * small[:, top + 1, left]
                + down * right * small[:, top + 1, left + 1]
            )
            np.testing.assert_array_equal(large[:, row, column], blend >= 0.5)


def test_digits16_keep_the_share_of_ink_to_half_a_percent():
    ink8, ink16 = datasets.digits()[0].mean(), datasets.digits16()[0].mean()
    assert (round(100 * ink8, 1), round(100 * ink16, 1)) == (30.5, 30.7)  # the docstring's numbers


def test_a_damaged_file_is_refused_with_what_to_do():
    content = bytearray((DATA / "digits.gz").read_bytes())
    content[1000] ^= 1
    with pytest.raises(RuntimeError, match=r"digits\.gz is not the published file .* restore the file"):
        datasets._require_intact("digits.gz", bytes(content), datasets._DIGITS_SHA256)


def test_digits_look_at_the_checksum(monkeypatch):
    monkeypatch.setattr(datasets, "_DIGITS_SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match=r"expected 0{64}"):
        datasets.digits()


def test_the_bundled_file_is_small_and_comes_with_licence_citation_and_origin():
    assert len((DATA / "digits.gz").read_bytes()) < 50_000
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for fact in ("CC BY 4.0", "Alpaydin", "Kaynak", "10.24432/C50P49", "make_digits.py"):
        assert fact in readme


def test_the_script_that_made_the_file_packs_the_same_numbers(tmp_path):
    images, labels = datasets.digits()
    table = tmp_path / "optdigits.tes"
    np.savetxt(table, np.column_stack([images.reshape(1797, 64) * 16, labels]), fmt="%d", delimiter=",")
    script = tmp_path / "make_digits.py"
    script.write_bytes((DATA / "make_digits.py").read_bytes())
    subprocess.run([sys.executable, script, table], check=True, capture_output=True)
    repacked = (tmp_path / "digits.gz").read_bytes()
    np.testing.assert_array_equal(unpack(repacked), unpack((DATA / "digits.gz").read_bytes()))


def unpack(packed):
    # the compressed bytes themselves may differ between versions of zlib

    return np.frombuffer(gzip.decompress(packed), np.uint8)


# ---- XOR, moons, spirals -----------------------------------------------------------------------------------------


def test_xor_is_the_exclusive_or():
    x, labels = datasets.xor()
    assert [(int(a) ^ int(b)) for a, b in x] == labels.tolist()
    assert len({tuple(row) for row in x}) == 4


def test_moons_without_noise_lie_on_two_half_circles():
    x, labels = datasets.moons(500, np.random.default_rng(1), noise=0)
    assert set(labels) == {0, 1}
    upper, lower = x[labels == 0], x[labels == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-15)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, rtol=1e-14)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    for half in (upper[:, 0], lower[:, 0]):
        assert np.ptp(half) > 1.9  # the whole half circle is used


@pytest.mark.parametrize("classes", [1, 2, 3, 5])
def test_spirals_without_noise_lie_on_their_arms(classes):
    x, labels = datasets.spirals(500, np.random.default_rng(2), classes=classes, noise=0)
    r = np.hypot(*x.T)
    assert r.min() < 0.05
    assert 0.95 < r.max() <= 1
    turn = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - labels / classes - 0.75 * r
    np.testing.assert_allclose(turn, np.round(turn), rtol=0, atol=1e-13)  # rounding of the angle near the middle
    assert set(labels) == set(range(classes))


@every_made
def test_noise_is_the_standard_deviation_of_each_coordinate(make):
    clean, labels = make(4000, np.random.default_rng(3), noise=0)
    noisy, same = make(4000, np.random.default_rng(3), noise=0.3)
    np.testing.assert_array_equal(labels, same)
    # 4000 draws estimate a standard deviation to 1.1 %
    np.testing.assert_allclose((noisy - clean).std(axis=0), 0.3, rtol=0.05)
    assert abs(np.corrcoef((noisy - clean).T)[0, 1]) < 0.06


@every_made
@given(n=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_made_sets_have_n_points_and_balanced_classes(make, n, seed):
    x, labels = make(n, np.random.default_rng(seed))
    assert x.shape == (n, 2)
    assert np.all(np.isfinite(x))
    counts = np.bincount(labels, minlength=2)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


@every_made
def test_the_generator_decides_everything(make):
    first, again, other = (make(20, np.random.default_rng(seed))[0] for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


@every_made
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, r"^n must be an integer of at least 1, but is 0$"),
        ({"n": 2.5}, r"^n must be an integer of at least 1, but is 2\.5$"),
        ({"n": True}, r"^n must be an integer"),
        ({"rng": 0}, r"^rng must be a numpy\.random\.Generator, .* but is int$"),
        ({"noise": -0.1}, r"^noise must be at least 0, but is -0\.1$"),
        ({"noise": np.nan}, r"^noise must be at least 0, but is nan$"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**({"n": 10, "rng": np.random.default_rng(0)} | arguments))


def test_spirals_need_an_arm():
    with pytest.raises(ValueError, match=r"^classes must be an integer of at least 1, but is 0$"):
        datasets.spirals(10, np.random.default_rng(0), classes=0)


# ---- all ---------------------------------------------------------------------------------------------------------


@every_set
def test_inputs_are_float64_and_labels_integers(load):
    x, labels = load()
    assert x.dtype == np.float64
    assert labels.dtype == np.int64
    assert len(x) == len(labels)


@every_set
def test_changing_what_was_returned_changes_nothing_for_the_next_caller(load):
    x, labels = load()
    expected = x.copy(), labels.copy()
    x += 1
    labels += 1
    again = load()
    np.testing.assert_array_equal(again[0], expected[0])
    np.testing.assert_array_equal(again[1], expected[1])


# ---- the text ----------------------------------------------------------------------------------------------------


def test_the_text_is_plain_short_and_repeats_itself():
    text = datasets.text()
    assert 1400 < len(text) < 1600
    assert text.isascii()
    words = text.lower().replace(".", " ").replace(",", " ").split()
    assert len(words) > 2.5 * len(set(words))
    assert text.lower().count("the river") >= 20
