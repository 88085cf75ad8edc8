"""What the tests of the book share: the built site, the executed chapters, the library's docstrings."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
LIBRARY = ROOT / "course_lib"

# The taught modules in the order of the chapters; training, plots, datasets and checks serve all of them.
TAUGHT = (
    "neurons",
    "activations",
    "networks",
    "losses",
    "finite_differences",
    "backprop",
    "graph",
    "optimizers",
    "initializers",
    "convolution",
    "pooling",
    "autoencoders",
    "recurrent",
)
CHAPTER_OF = {
    "neurons": 1,
    "activations": 2,
    "networks": 3,
    "losses": 4,
    "finite_differences": 5,
    "backprop": 6,
    "graph": 7,
    "optimizers": 8,
    "initializers": 8,
    "convolution": 10,
    "pooling": 11,
    "autoencoders": 12,
    "recurrent": 13,
}


def build_book() -> None:
    """Bring the site up to date; the build's own lock lets parallel tests wait for one another."""
    result = subprocess.run(
        [sys.executable, str(ROOT / "book/_tools/build.py")], capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, f"the book does not build:\n{result.stderr}"


def toc_pages() -> list[str]:
    """Return the pages the table of contents names, such as "book/index"."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [contents["root"], *_files(contents)]


def _files(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "file" in node:
            yield node["file"]
        for value in node.values():
            yield from _files(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files(value)


@cache
def page(file: Path) -> BeautifulSoup:
    """Return a built page, parsed."""
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def html_files() -> list[Path]:
    """Return every page of the book that a reader can open; those below "lab" are JupyterLite's."""
    return [file for file in sorted(HTML.rglob("*.html")) if file.relative_to(HTML).parts[0] not in ("_static", "lab")]


def article(file: Path) -> Tag:
    """Return the part of a page that the book wrote, without the theme's frame."""
    found = page(file).find("article")
    assert isinstance(found, Tag), f"{file} has no article"
    return found


# --- links -------------------------------------------------------------------------------------------------------


def anchors(soup: BeautifulSoup) -> set[str]:
    return {str(tag["id"]) for tag in soup.find_all(id=True)} | {
        str(tag["name"]) for tag in soup.find_all("a", attrs={"name": True})
    }


@cache
def anchors_of(file: Path) -> set[str]:
    return anchors(page(file))


def broken_links(file: Path, soup: BeautifulSoup) -> list[str]:
    """Return the links of a page to files or anchors of the site that do not exist."""
    own, broken = anchors(soup), []
    for tag_name, attribute in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        for tag in soup.find_all(tag_name):
            target = str(tag.get(attribute) or "")
            parts = urlsplit(target)
            if not target or parts.scheme or parts.netloc:
                continue
            linked = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if linked.is_dir():
                linked /= "index.html"
            if not linked.is_file():
                broken.append(target)
                continue
            if parts.fragment and linked.suffix == ".html":
                known = own if linked == file else anchors_of(linked)
                broken += [target] * (unquote(parts.fragment) not in known)
    return broken


LOADING = (
    ("script", "src"),
    ("img", "src"),
    ("source", "src"),
    ("iframe", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("object", "data"),
    ("embed", "src"),
)
LOADING_LINKS = {"stylesheet", "preload", "prefetch", "modulepreload", "icon", "preconnect", "dns-prefetch", "manifest"}


def outside_loads(soup: BeautifulSoup) -> list[str]:
    """Return the addresses outside the site that a browser would ask for by itself when it shows the page."""
    found = [str(tag.get(attribute) or "") for name, attribute in LOADING for tag in soup.find_all(name)]
    found += [str(tag.get("href")) for tag in soup.find_all("link") if LOADING_LINKS & set(tag.get("rel") or [])]
    found += [text for tag in soup.find_all("style") for text in outside_in_css(tag.get_text())]
    found += [text for tag in soup.find_all(style=True) for text in outside_in_css(str(tag["style"]))]
    inline = " ".join(tag.get_text() for tag in soup.find_all("script") if not tag.get("src"))
    found += re.findall(r"https?://[^\s\"']+", inline)
    return [address for address in found if urlsplit(address).scheme in ("http", "https") or address.startswith("//")]


def outside_in_css(text: str) -> list[str]:
    """Return the addresses outside the site that a style sheet loads."""
    addresses = re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", re.sub(r"/\*.*?\*/", "", text, flags=re.S))
    return [address for address in addresses if re.match(r"(https?:)?//", address)]


# --- pictures ----------------------------------------------------------------------------------------------------


def bad_alt_texts(content: Tag) -> list[str]:
    """Return what is wrong with the alternative texts of the images below a tag."""
    problems = []
    for image in content.find_all("img"):
        alt = " ".join(str(image.get("alt") or "").split())
        figure = image.find_parent("figure")
        caption = figure.find("figcaption") if figure else None
        spoken = [str(image.get("title") or ""), str(image.get("data-caption") or "")]
        if caption:
            spoken.append(caption.get_text(" ", strip=True).removesuffix("#").strip())
            text = caption.find(class_="caption-text")
            spoken.append(text.get_text(" ", strip=True) if text else "")
        name = str(image.get("src"))[:60]
        if len(alt) < 30:
            problems.append(f"{name}: alt text {alt!r} is shorter than 30 characters")
        elif any(alt.casefold().rstrip(".") == " ".join(other.split()).casefold().rstrip(".") for other in spoken):
            problems.append(f"{name}: alt text repeats the caption or title")
    return problems


# --- the library -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Public:
    """A public function of a module and the equation labels its docstring names."""

    module: str
    name: str
    labels: tuple[str, ...]


def public_functions(text: str, module: str) -> list[Public]:
    """Return the public functions of a module's text."""
    return [
        Public(module, node.name, tuple(re.findall(r":eq:`([^`]+)`", ast.get_docstring(node) or "")))
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def taught_modules() -> list[str]:
    """Return the taught modules that are written."""
    return [module for module in TAUGHT if (LIBRARY / f"{module}.py").is_file()]


@cache
def equation_labels() -> dict[str, str]:
    """Return every numbered equation of the book: label to page."""
    labels = {}
    for name in toc_pages():
        for tag in article(HTML / f"{name}.html").find_all(class_="math", id=re.compile("^equation-")):
            labels[str(tag["id"]).removeprefix("equation-")] = name
    return labels


# --- imports -----------------------------------------------------------------------------------------------------


def imported_modules(source: str, package: str) -> set[str]:
    """Return which modules of a package some code imports, by statement or by `checks.reference("...")`."""
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("reference", "import_module", "__import__") and isinstance(node.args[0].value, str):
                name = node.args[0].value
                modules.add(name if called != "reference" or name.startswith(package) else f"{package}.{name}")
    inside = {module for module in modules if module == package or module.startswith(f"{package}.")}
    return {module.split(".")[1] if "." in module else "" for module in inside}


def code_of(text: str) -> str:
    """Return the code of a notebook's cell without the lines that only IPython reads."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))
