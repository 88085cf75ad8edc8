"""MNIST is downloaded once, whole and checked, or not at all; a local server plays the other side."""

import contextlib
import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from course_lib import _download, datasets


def idx(array):
    """Return an array of bytes as a packed IDX file."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28))
PIXELS = IMAGES.astype(np.float32) / np.float32(255)
LABELS = np.array([7, 2, 1, 0, 4])
GOOD = {"images.gz": idx(IMAGES), "labels.gz": idx(LABELS)}


class Server:
    """A folder of files over HTTP that counts what is asked for and can be told to misbehave."""

    def __init__(self, files):
        self.files, self.asked, self.cut_after = dict(files), [], None
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rpartition("/")[2]
                server.asked.append(name)
                if name not in server.files:
                    self.send_error(404, "Not Found")
                    return
                content = server.files[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: server.cut_after])

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_port}/mnist/"

    def close(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in GOOD.items()}
    published = ("images.gz", digests["images.gz"], "labels.gz", digests["labels.gz"])
    monkeypatch.setattr(datasets, "MNIST_FILES", {"train": published})
    with contextlib.closing(Server(GOOD)) as running:
        yield running


def test_the_table_names_the_four_published_files():
    files = [entry for split in datasets.MNIST_FILES.values() for entry in split]
    assert files[0::2] == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    assert all(len(digest) == 64 for digest in files[1::2])
    assert len(set(files)) == 8


def test_images_and_labels_arrive_and_are_kept(server, tmp_path):
    images, labels = datasets.mnist(cache=tmp_path / "new" / "folder", source=server.address)
    np.testing.assert_array_equal(images, PIXELS)
    assert images.dtype == np.float32
    assert (labels.tolist(), labels.dtype) == (LABELS.tolist(), np.int64)
    assert server.asked == ["images.gz", "labels.gz"]
    again, _ = datasets.mnist(cache=tmp_path / "new" / "folder", source=server.address)
    assert server.asked == ["images.gz", "labels.gz"]  # not asked a second time
    images += 1
    np.testing.assert_array_equal(again, PIXELS)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["images.gz", "labels.gz"]


def test_what_was_kept_needs_no_network(server, tmp_path):
    datasets.mnist(cache=tmp_path, source=server.address)
    server.close()
    images, _ = datasets.mnist(cache=tmp_path, source=server.address)
    assert images.shape == (5, 28, 28)


def test_a_damaged_copy_is_fetched_again(server, tmp_path):
    datasets.mnist(cache=tmp_path, source=server.address)
    (tmp_path / "images.gz").write_bytes(GOOD["images.gz"][:-5])
    datasets.mnist(cache=tmp_path, source=server.address)
    assert server.asked == ["images.gz", "labels.gz", "images.gz"]
    assert (tmp_path / "images.gz").read_bytes() == GOOD["images.gz"]


def assert_nothing_kept(folder):
    assert not folder.exists() or list(folder.iterdir()) == []


def test_another_file_under_the_name_is_refused(server, tmp_path):
    server.files["images.gz"] = idx(IMAGES + 1)
    with pytest.raises(RuntimeError, match=r"images\.gz is not the published file \(SHA-256 [0-9a-f]{64}, expected"):
        datasets.mnist(cache=tmp_path / "kept", source=server.address)
    assert_nothing_kept(tmp_path / "kept")


def test_a_download_that_breaks_off_is_named_and_leaves_nothing(server, tmp_path):
    server.cut_after = 100
    whole = len(GOOD["images.gz"])
    with pytest.raises(RuntimeError, match=rf"images\.gz broke off after 100 of {whole:,} bytes; try again"):
        datasets.mnist(cache=tmp_path / "kept", source=server.address)
    assert_nothing_kept(tmp_path / "kept")


def test_without_a_network_the_sentence_says_what_to_do(server, tmp_path):
    server.close()
    with pytest.raises(
        RuntimeError, match=r"could not be downloaded \(.*refused.*\); look at the connection, or put images\.gz"
    ):
        datasets.mnist(cache=tmp_path / "kept", source=server.address)
    assert_nothing_kept(tmp_path / "kept")


@pytest.mark.parametrize("source", ["http://127.0.0.1:1/", "nonsense", "ftp//x", "http://[::1"])
def test_an_address_that_is_none_is_the_same_sentence(server, source, tmp_path):
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        datasets.mnist(cache=tmp_path, source=source)


def test_a_missing_file_is_named(server, tmp_path):
    del server.files["labels.gz"]
    with pytest.raises(RuntimeError, match=r"labels\.gz could not be downloaded \(Not Found\)"):
        datasets.mnist(cache=tmp_path, source=server.address)


def test_a_server_that_falls_silent_does_not_hold_the_reader_forever(monkeypatch, tmp_path):
    import socket

    monkeypatch.setattr(_download, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(RuntimeError, match=r"could not be downloaded \(timed out\)"):
            datasets.mnist(cache=tmp_path, source=address)


def test_a_folder_that_cannot_be_written_is_named(server, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RuntimeError, match=r"images\.gz could not be written \(.+\); name another folder with cache="):
        datasets.mnist(cache=tmp_path / "file", source=server.address)


def test_an_interrupted_write_leaves_nothing(server, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_download.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        datasets.mnist(cache=tmp_path, source=server.address)
    assert_nothing_kept(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x01\0\0\0\5", idx(LABELS)[:0] + b"\0\0\x0d\x03" + bytes(12)])
def test_a_published_file_that_is_no_idx_file_is_named(content, server, tmp_path, monkeypatch):
    packed = gzip.compress(content)
    server.files["images.gz"] = packed
    entry = ("images.gz", hashlib.sha256(packed).hexdigest(), *datasets.MNIST_FILES["train"][2:])
    monkeypatch.setattr(datasets, "MNIST_FILES", {"train": entry})
    with pytest.raises(RuntimeError, match=r"^images\.gz is no IDX file of bytes with 3 axes$"):
        datasets.mnist(cache=tmp_path, source=server.address)


def test_the_cache_is_the_user_s(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert _download.cache_folder(None) == tmp_path / "neural-networks-course"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert _download.cache_folder(None) == tmp_path / ".cache" / "neural-networks-course"


def test_an_unknown_split_is_named():
    with pytest.raises(ValueError, match=r"^split must be one of train, test, but is 'validation'$"):
        datasets.mnist("validation")
