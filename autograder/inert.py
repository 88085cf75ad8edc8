"""Makes what came from a student harmless to look at: outputs of known shape, real pictures, plain Markdown.

Graded notebooks are opened by a person in a browser that is logged in to Jupyter, and feedback pages go from hand to
hand. So HTML, SVG and scripts of a student's are dropped, a picture is kept only if it really is one of a kind that
cannot carry a script, and HTML within Markdown is shown as text.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import Any

PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
MOST_PIXELS = 40_000_000  # a browser needs four bytes for each, whatever the file's own size
TAG = re.compile(r"<(?=[a-zA-Z/!?])")
# Commands with which MathJax makes links and attributes, or loads more commands.
ACTIVE_MATH = re.compile(
    r"\\(href|url|style|class|cssId|data|html\w*|require|action|toggle|mathtip|texttip|tooltip)(?![a-zA-Z])"
)
# In Markdown a space after the bracket ends a link. Plain links to web pages stay; nothing is loaded unasked.
PLAIN_ADDRESS = r"https?://[\w.~:/?#@!$*+,;=%&-]*"
IMAGE = re.compile(r"!\[")
LINK = re.compile(rf"\](?=\((?!{PLAIN_ADDRESS}\)))")
DEFINITION = re.compile(rf"\](?=:(?!\s*{PLAIN_ADDRESS}\s*$))", re.MULTILINE)


def outputs(items: Any) -> list[dict[str, Any]]:
    """Return a cell's outputs with nothing in them but text and pictures; what has no known shape is left out."""
    kept = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and (clean := _output(item)):
            kept.append(clean)
    return kept


def _output(item: dict[str, Any]) -> dict[str, Any] | None:
    kind = item.get("output_type")
    if kind == "stream" and isinstance(item.get("text"), str):
        name = "stderr" if item.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": item["text"]}
    if kind == "error":
        lines = item.get("traceback")
        traceback = [str(line) for line in lines] if isinstance(lines, list) else []
        return {
            "output_type": "error",
            "ename": str(item.get("ename", "")),
            "evalue": str(item.get("evalue", "")),
            "traceback": traceback,
        }
    if kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
        data = {}
        for name in PICTURES:
            if clean := picture(name, item["data"].get(name)):
                data[name] = clean
        if isinstance(text := item["data"].get("text/plain"), str):
            data["text/plain"] = text
        made: dict[str, Any] = {"output_type": kind, "data": data, "metadata": {}}
        if kind == "execute_result":
            count = item.get("execution_count")
            made["execution_count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
        return made
    return None


def picture(kind: str, data: object) -> str | None:
    """Return a picture's base64 if it is what it claims to be and no larger than a browser can show."""
    if not isinstance(data, str) or kind not in PICTURES:
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    size = _png_size(raw) if kind == "image/png" else _jpeg_size(raw)
    if size is None or not 0 < size[0] * size[1] <= MOST_PIXELS:
        return None
    return base64.b64encode(raw).decode()


def _png_size(raw: bytes) -> tuple[int, int] | None:
    """Return width and height; None unless the chunks follow one another from the header to the end."""
    if not raw.startswith(PICTURES["image/png"]) or raw[12:16] != b"IHDR":
        return None
    at = 8
    while at + 12 <= len(raw):
        length, name = struct.unpack(">I4s", raw[at : at + 8])
        at += 12 + length
        if name == b"IEND":
            width, height = struct.unpack(">II", raw[16:24])
            return (width, height) if at == len(raw) else None
    return None


def _jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Return width and height from the frame header; None where the segments do not lead to one."""
    if not raw.startswith(PICTURES["image/jpeg"]) or not raw.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return None
    at = 2
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        marker, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(raw[at + 7 : at + 9], "big"), int.from_bytes(raw[at + 5 : at + 7], "big")
        if marker == 0xDA or length < 2:
            return None
        at += 2 + length
    return None


def markdown(text: str) -> str:
    """Return Markdown in which HTML is text, and neither links nor pictures nor formulas can run or load anything."""
    return ACTIVE_MATH.sub(r"\\text{\1}", _unlinked(TAG.sub("&lt;", text)))


def comment(text: str) -> str:
    """Return plain text in which nothing can be taken for HTML or a link, wherever nbgrader's pages put it."""
    return ACTIVE_MATH.sub(r"\\text{\1}", _unlinked(TAG.sub("‹", text)))


def _unlinked(text: str) -> str:
    for active, harmless in ((IMAGE, "! ["), (LINK, "] "), (DEFINITION, "] ")):
        text = active.sub(harmless, text)
    return text
