"""Serve the built book on this machine only.

python book/_tools/serve.py [--port 8000]
"""

import argparse
import contextlib
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "_build"
HTML, STATE = BUILD / "html", BUILD / "book.json"
HOST = "127.0.0.1"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and keeps its log to itself; pages are always asked for anew, as they may have been rebuilt.

    Its last two headers let a page share memory with its Python, so that Stop can interrupt a cell and keep the rest.
    """

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def read_port(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Serve the built book on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="the port, 8000 if left out")
    return parser.parse_args(argv).port


def main(argv: list[str] | None = None) -> int:
    port = read_port(argv)
    if not STATE.is_file() or not (HTML / "index.html").is_file():
        print("The book is not built, or its last build failed: run `make` first.", file=sys.stderr)
        return 1
    try:
        server = ThreadingHTTPServer((HOST, port), functools.partial(QuietHandler, directory=str(HTML)))
    except OverflowError:
        print(f"Port {port} does not exist: choose one from 1024 to 65535 with --port.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}): choose another with --port {port + 1}.", file=sys.stderr)
        return 1
    print(f"The book is at http://{HOST}:{server.server_port}/ (stop with Ctrl-C)", flush=True)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
