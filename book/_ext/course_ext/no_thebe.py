"""Keep sphinx-thebe out of the pages.

Jupyter Book 1 always loads it, and it puts a duplicate script and an address outside the site on every page.
Its listeners are taken off before the first of them can run.
"""

from sphinx.application import Sphinx
from sphinx.config import Config


def disconnect_thebe(app: Sphinx, config: Config) -> None:
    """Remove every listener that a sphinx_thebe module has connected, and its style sheet."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__module__", "").startswith("sphinx_thebe"):
                listeners.remove(listener)
    app.registry.css_files[:] = [entry for entry in app.registry.css_files if "thebe" not in entry[0]]


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", disconnect_thebe, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
