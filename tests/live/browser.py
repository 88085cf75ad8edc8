"""What the tests of the live cells share: a server of the built site, a Chromium, and a reader who presses buttons."""

import functools
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from book_site import HTML
from playwright.sync_api import Browser, Locator, Page, Playwright, Response, Route
from serve import QuietHandler

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
# No name but 127.0.0.1 is looked up, so that what a page asks for elsewhere fails, as well as being recorded.
OFFLINE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking"]
START = 60_000  # milliseconds; the time a start may take is the subject of one test only
RUN = 60_000

# The NumPy of the mirror for tests was compiled for a system that can look at the callers of a function. Browsers
# cannot, and it must not try: it asks for them before it computes in place with large arrays.
NO_CALLERS = """
for (const name of ["instantiate", "Instance"]) {
  const made = WebAssembly[name];
  const withStub = (imports) => imports?.env && { ...imports, env: new Proxy(imports.env, {
    get: (env, key) => (key === "backtrace" ? () => 0 : env[key]),
    has: (env, key) => key === "backtrace" || key in env,
  }) };
  WebAssembly[name] = name === "Instance"
    ? new Proxy(made, { construct: (what, [module, imports]) => new what(module, withStub(imports) ?? imports) })
    : (module, imports) => made.call(WebAssembly, module, withStub(imports) ?? imports);
}
"""


def find_chromium() -> str | None:
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


class PlainHandler(SimpleHTTPRequestHandler):
    """Serves files as any static host does: no header allows shared memory."""

    replaced: dict[str, bytes | None] = {}  # noqa: RUF012  set on a subclass: name of a file to other content, or none

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.split("/")[-1]
        if name not in self.replaced:
            super().do_GET()
            return
        content = self.replaced[name]
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", self.guess_type(name))
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content or b"")

    do_HEAD = do_GET


@contextmanager
def serving(handler: type[SimpleHTTPRequestHandler] = PlainHandler, folder: Path = HTML) -> Iterator[str]:
    """Serve a folder on 127.0.0.1; yield the address, with a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving_with_shared_memory() -> Iterator[str]:
    """Serve the site as `make serve` does."""
    with serving(QuietHandler) as address:
        yield address


def launch(playwright: Playwright, chromium: str, *arguments: str) -> Browser:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium, args=[*OFFLINE, *sandbox, *arguments])


@functools.cache
def wants_callers() -> bool:
    """Say whether the site's NumPy is a build that asks for the callers of a function."""
    for wheel in HTML.glob("_static/live/pyodide-*/numpy-*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            modules = [archive.read(name) for name in archive.namelist() if "_multiarray_umath" in name]
            return any(b"\x03env\x09backtrace" in module for module in modules)
    return False


@contextmanager
def reading(browser: Browser, address: str, **options: Any) -> Iterator["Reader"]:
    """Yield a reader with an empty cache; afterwards, no request may have left the site."""
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
    if wants_callers():
        for worker in ("worker.js*", "comlink.worker.*.js", "coincident.worker.*.js"):  # the last two are JupyterLite's
            context.route(f"**/{worker}", lambda route: route.fulfill(response=route.fetch(), body=with_stub(route)))
    reader = Reader(context.new_page(), address)
    yield reader
    outside = reader.outside()
    context.close()
    assert outside == [], f"requests left the site: {outside}"


def with_stub(route: Route) -> str:
    return NO_CALLERS + route.fetch().text()


@dataclass
class Reader:
    """Somebody who reads one page and presses its buttons; every request of the page is recorded."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.context.on("request", lambda request: self.requests.append(request.url))
        self.page.context.on("response", lambda response: self.responses.append(response))

    def open(self, name: str) -> None:
        self.page.goto(f"{self.address}{name}.html", wait_until="load")
        self.page.wait_for_load_state("networkidle")

    def outside(self) -> list[str]:
        """Return the requests that left the site."""
        own = ("data:", "blob:", "about:", self.address)
        return [url for url in self.requests if not url.startswith(own)]

    def asked_for(self, part: str) -> bool:
        return any(part in url for url in self.requests)

    # --- cells ---

    def cells(self) -> int:
        return self.page.locator(".live-cell").count()

    def cell(self, number: int) -> Locator:
        return self.page.locator(f"#code-cell-{number}")

    def button(self, number: int, name: str) -> Locator:
        return self.cell(number).get_by_role("button", name=name, exact=True)

    def unfold(self) -> None:
        """Open everything that is folded, so that all buttons can be pressed."""
        self.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")

    def run(self, number: int, timeout: int = START) -> str:
        """Press Run and wait; return how it ended."""
        self.button(number, "Run").click()
        return self.ended(number, timeout)

    def ended(self, number: int, timeout: int = START) -> str:
        self.page.wait_for_selector(f"#code-cell-{number}[data-live]", timeout=timeout, state="attached")
        return str(self.cell(number).get_attribute("data-live"))

    def write(self, number: int, code: str) -> None:
        """Put other code into a cell, with the keyboard."""
        edit = self.button(number, "Edit")
        if edit.is_visible():
            edit.click()
        editor = self.cell(number).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)

    def run_code(self, number: int, code: str) -> str:
        self.write(number, code)
        return self.run(number)

    def status(self, number: int) -> str:
        return str(self.cell(number).locator(".live-status").text_content())

    def output(self, number: int) -> str:
        """Return the text below a cell, without the buttons of the page."""
        return "".join(self.cell(number).locator(".cell_output :is(pre, table)").all_text_contents())

    def results(self) -> list[dict[str, Any]]:
        """Return what every cell shows: its texts, and of each picture size, share of ink and words."""
        return self.page.evaluate(SHOWN)  # type: ignore[no-any-return]


# What is in a figure, without comparing pixels: how large it is and how much of it is drawn on.
SHOWN = """
async () => {
  const ink = async (image) => {
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let i = 3; i < data.length; i += 4) drawn += data[i] > 40;
    return {
      width: canvas.width,
      height: canvas.height,
      ink: drawn / (canvas.width * canvas.height),
      alt: image.alt,
      caption: image.dataset.caption ?? "",
    };
  };
  const shown = [];
  for (const cell of document.querySelectorAll(".live-cell")) {
    const outputs = [...cell.querySelectorAll(".cell_output")];
    const texts = outputs.flatMap((output) => [...output.querySelectorAll("pre, table")]);
    const images = outputs.flatMap((output) => [...output.querySelectorAll("img")]);
    shown.push({ text: texts.map((part) => part.textContent).join(""), images: await Promise.all(images.map(ink)) });
  }
  return shown;
}
"""
