"""nbgrader's step that empties the answers, with a stub that names its question.

Used by nbgrader itself, through `nbgrader_config.py`, so that its own release command and ours write the same notebook.
"""

from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions

from autograder.source import question_of


class NumberedStubs(ClearSolutions):
    """Replaces every solution region by ``raise NotImplementedError("Question n: not answered yet.")``."""

    def preprocess(self, nb, resources):
        self.numbers = {}
        for cell in nb.cells:
            if utils.is_grade(cell) or utils.is_solution(cell):
                question = question_of(cell.metadata["nbgrader"]["grade_id"])
                self.numbers.setdefault(question, len(self.numbers) + 1)
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, cell_index):
        if utils.is_solution(cell) and cell.cell_type == "code":
            number = self.numbers[question_of(cell.metadata["nbgrader"]["grade_id"])]
            message = f"Question {number}: not answered yet."
            self.code_stub = {
                "python": f'# Write your code here and remove the next line.\nraise NotImplementedError("{message}")'
            }
        return super().preprocess_cell(cell, resources, cell_index)
