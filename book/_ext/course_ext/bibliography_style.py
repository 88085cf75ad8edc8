"""The bibliography's style: sorted by author, each entry marked as the text cites it, "Rumelhart et al. 1986"."""

from collections import Counter
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx


def author_year(entry: Entry) -> str:
    """Return "Author", "Author & Author" or "Author et al.", and the year."""
    names = [" ".join([*person.prelast_names, *person.last_names]) for person in entry.persons.get("author", [])]
    who = " & ".join(names) if len(names) <= 2 else f"{names[0]} et al."
    return f"{who.replace('{', '').replace('}', '')} {entry.fields.get('year', '')}"


class AuthorYearLabels(BaseLabelStyle):
    """Labels as in the text; equal ones are told apart by a letter."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        labels = [author_year(entry) for entry in sorted_entries]
        total, seen = Counter(labels), Counter[str]()
        for label in labels:
            letter = ascii_lowercase[seen[label]] if total[label] > 1 else ""
            seen[label] += 1
            yield label + letter


class CourseStyle(Style):
    """Plain entries, sorted by author and year."""

    default_sorting_style = "author_year_title"
    default_label_style = AuthorYearLabels


def setup(app: Sphinx) -> dict:
    register_plugin("pybtex.style.formatting", "course", CourseStyle)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
