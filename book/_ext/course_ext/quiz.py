"""`quiz`: one multiple-choice question that answers itself, without a script.

    ```{quiz} What is $1 + 1$?
    - [ ] one
      That is $1 + 0$.
    - [x] two
      Count on your fingers.
    ```

A question longer than a line stands, or goes on, above the list. The line with the mark is the option; what follows it,
set in as far (a blank line between is allowed), is the explanation. Exactly one option is right and every option has an
explanation, or the build says which. A question with `code` in its first line needs `:::{quiz}` … `:::`, since a fence
of backticks allows none in that line. `:name:` gives the question a fixed id to link to. In HTML each option is a
radio button and its explanation appears when it is chosen (the rule is in `book.css`); other formats show all of it.
"""

import html
import re
from pathlib import PurePosixPath

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

MARK = re.compile(r"\[([ xX])\]\s+")


class quiz(nodes.General, nodes.Element):
    """A whole question; `number` counts on its page."""


class quiz_question(nodes.General, nodes.Element):
    """What is asked."""


class quiz_option(nodes.General, nodes.Element):
    """One option: its label, then its explanation."""


class quiz_label(nodes.General, nodes.Element):
    """The option's own text, in one paragraph."""


class quiz_explanation(nodes.General, nodes.Element):
    """What to say to someone who chose this option."""


class QuizError(ValueError):
    """The question is not one the page could show."""


def read_option(item: nodes.list_item) -> tuple[bool, list[nodes.Node], list[nodes.Node]]:
    """Split one list item into: is it right, the nodes of its text, the nodes of its explanation.

    Raises
    ------
    QuizError
        If the mark or the explanation is missing.
    """
    first = item.children[0] if item.children else None
    text = first.children[0] if isinstance(first, nodes.paragraph) and first.children else None
    mark = MARK.match(text.astext()) if isinstance(text, nodes.Text) else None
    if first is None or text is None or mark is None:
        raise QuizError(f"option {item.astext()[:40]!r} does not begin with [ ] or [x]")
    inline = [nodes.Text(text.astext()[mark.end() :]), *first.children[1:]]
    label, rest = split_first_line(inline)
    explanation = [nodes.paragraph("", "", *rest)] if rest else []
    explanation += item.children[1:]
    if not any(node.astext().strip() for node in explanation):
        raise QuizError(f"option {item.astext()[:40]!r} has no explanation (below it, set in)")
    return mark[1] != " ", label, explanation


def split_first_line(inline: list[nodes.Node]) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """Split the nodes of a paragraph at its first line break."""
    for position, node in enumerate(inline):
        if isinstance(node, nodes.Text) and "\n" in node.astext():
            before, after = node.astext().split("\n", 1)
            tail = [nodes.Text(after)] if after else []
            return [*inline[:position], nodes.Text(before)], [*tail, *inline[position + 1 :]]
    return inline, []


class Quiz(SphinxDirective):
    """Read a question, its options and their explanations."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012  docutils wants a plain dict

    def run(self) -> list[nodes.Node]:
        try:
            return [self._read()]
        except QuizError as error:
            logger.warning("quiz: %s", error, location=self.get_location())
            return []

    def _read(self) -> quiz:
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        lists = [node for node in body.children if isinstance(node, nodes.bullet_list)]
        if not lists or body.children[-1] is not lists[-1]:
            raise QuizError("the options must be a list at the end")
        options = [read_option(item) for item in lists[-1].children]
        right = sum(is_right for is_right, _, _ in options)
        if right != 1:
            raise QuizError(f"exactly one option must be right ([x]), but {right} are")
        asked = body.children[:-1]
        if self.arguments:
            inline, _ = self.state.inline_text(self.arguments[0], self.lineno)
            asked = [nodes.paragraph("", "", *inline), *asked]
        if not asked:
            raise QuizError("the question is missing")

        number = self.env.temp_data["course_quiz"] = self.env.temp_data.get("course_quiz", 0) + 1
        node = quiz("", number=number, page_id=f"quiz-{PurePosixPath(self.env.docname).name}-{number}")
        self.add_name(node)
        node += quiz_question("", *asked)
        for is_right, label, explanation in options:
            node += quiz_option("", quiz_label("", *label), quiz_explanation("", *explanation), is_right=is_right)
        for position, option in enumerate(node.findall(quiz_option), start=1):
            option["page_id"] = f"{node['page_id']}-{position}"
            option["group"] = node["page_id"]
        self.set_source_info(node)
        return node


def visit_quiz(self: HTML5Translator, node: quiz) -> None:
    ids = node["ids"] or [node["page_id"]]
    asked = f"{node['page_id']}-question"
    self.body.append(f'<fieldset class="quiz" id="{ids[0]}" aria-describedby="{asked}">')
    self.body.append(f"<legend>Question {node['number']}</legend>\n")
    next(iter(node.findall(quiz_question)))["page_id"] = asked


def visit_question(self: HTML5Translator, node: quiz_question) -> None:
    self.body.append(f'<div class="quiz-question" id="{node["page_id"]}">')


def visit_option(self: HTML5Translator, node: quiz_option) -> None:
    page_id, group = node["page_id"], node["group"]
    # A formula alone gives a radio button no name that can be read out, so its source does.
    only_math = all(isinstance(part, nodes.math) or not part.astext().strip() for part in node.children[0].children)
    spoken = f' aria-label="{html.escape(node.children[0].astext())}"' if only_math else ""
    self.body.append(f'<div class="quiz-option"><input type="radio" name="{group}" id="{page_id}"{spoken}>')
    node.children[0]["page_id"] = page_id  # type: ignore[index]
    node.children[1]["is_right"] = node["is_right"]  # type: ignore[index]


def visit_label(self: HTML5Translator, node: quiz_label) -> None:
    self.body.append(f'<label for="{node["page_id"]}">')


def depart_label(self: HTML5Translator, node: quiz_label) -> None:
    self.body.append("</label>\n")


def visit_explanation(self: HTML5Translator, node: quiz_explanation) -> None:
    verdict, word = ("right", "Right.") if node["is_right"] else ("wrong", "Not this one.")
    # A live region: what appears in it is read out by a screen reader.
    self.body.append(f'<div class="quiz-live" aria-live="polite"><div class="quiz-explanation quiz-{verdict}">')
    self.body.append(f'<p class="quiz-verdict">{word}</p>')


def depart_explanation(self: HTML5Translator, node: quiz_explanation) -> None:
    self.body.append("</div></div>\n")


def close_div(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append("</div>\n")


def close_fieldset(self: HTML5Translator, node: nodes.Element) -> None:
    self.body.append("</fieldset>\n")


def pass_through(self: object, node: nodes.Element) -> None:
    """Other formats show the text inside, no more."""


def setup(app: Sphinx) -> dict:
    in_html = {
        quiz: (visit_quiz, close_fieldset),
        quiz_question: (visit_question, close_div),
        quiz_option: (visit_option, close_div),
        quiz_label: (visit_label, depart_label),
        quiz_explanation: (visit_explanation, depart_explanation),
    }
    for node, visitors in in_html.items():
        others = {name: (pass_through, pass_through) for name in ("latex", "text", "man", "texinfo")}
        app.add_node(node, html=visitors, **others)
    app.add_directive("quiz", Quiz)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
