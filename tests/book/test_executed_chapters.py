"""The numbers printed in the book are the numbers a reader gets: strict nbval, on notebooks proven to be executed."""

import copy
from pathlib import Path

import nbformat
import pytest
import yaml
from executed import (
    NotExecutedError,
    code_cells,
    executed_notebook,
    executed_pages,
    is_left_out,
    require_executed,
    run_nbval,
)

# One output of each page that is known beforehand, from a calculation by hand.
KNOWN_OUTPUTS = {
    "book/prerequisites": "x @ w.T (2, 4)",
    "book/slips": "largest slope of the sigmoid: 0.25",
    "book/01_neurons": "three points: [1.5 0.5]",
    "book/02_activations": "value 0.2500, slope 0.1875",
    "book/03_networks": "z1: [ 1.  3. -1.  1.]  a1: [1. 3. 0. 1.]",
    "book/04_losses": "loss 1.3863, gradient [[ 0.125 -0.75   0.625]]",
    "book/05_finite_differences": "forward difference: [12.61]",
    "book/06_backprop": "sum over both paths: 36.0",
    "book/07_graph": "gradient of x, in the right order: 96.0",
    "book/08_optimizers": "[8.0, 4.0, 2.0, 1.0]",
    "book/09_deep_networks": "deltas, first layer to last: 0.125 0.25 0.5 1.0",
    "book/10_convolution": "places along one axis: 6",
    "book/11_pooling": "parameters: 208 + 8010 = 8218",
    "book/12_autoencoders": "price: 0.1308",
    "book/13_recurrent": "deltas: [0.509 0.618 0.75 ]",
}
# Pages that nbval executes once more for every change; all of them at full strength. (In a browser all are, each time.)
ONCE_MORE = {"book/02_activations", "book/05_finite_differences", "book/06_backprop", "book/07_graph"}
LEFT_OUT = yaml.safe_load((Path(__file__).parent / "left_out_cells.yml").read_text("utf-8")) or []
SHARE_LEFT_OUT = 1 / 20


def small_notebook(*sources: str) -> nbformat.NotebookNode:
    """Return a notebook of cells that print, executed in our head."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for count, source in enumerate(sources, start=1):
        output = nbformat.v4.new_output("stream", name="stdout", text=f"{eval(source)}\n")
        notebook.cells.append(nbformat.v4.new_code_cell(f"print({source})", execution_count=count, outputs=[output]))
    return notebook


def test_every_executed_page_has_a_known_output_listed() -> None:
    assert set(KNOWN_OUTPUTS) == set(executed_pages())


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "name",
    [name if name in ONCE_MORE else pytest.param(name, marks=pytest.mark.prove) for name in executed_pages()],
)
def test_a_page_prints_again_what_it_shows(name: str, tmp_path: Path) -> None:
    notebook = executed_notebook(name)
    require_executed(notebook, KNOWN_OUTPUTS.get(name, ""))
    result = run_nbval(notebook, tmp_path)
    assert result.returncode == 0, result.stdout[-6000:]
    assert f"{len(code_cells(notebook))} passed" in result.stdout


@pytest.mark.usefixtures("site")
def test_cells_left_out_are_listed_with_a_reason() -> None:
    found, total = [], 0
    for name in executed_pages():
        cells = code_cells(executed_notebook(name))
        total += len(cells)
        found += [(name, number) for number, cell in enumerate(cells, start=1) if is_left_out(cell)]
    listed = {}
    for entry in LEFT_OUT:
        assert len(entry["reason"]) >= 20, f"{entry['page']}: say why the cell is left out"
        matching = [
            number
            for number, cell in enumerate(code_cells(executed_notebook(entry["page"])), start=1)
            if entry["contains"] in cell.source and is_left_out(cell)
        ]
        assert len(matching) == 1, f"{entry['page']}: {entry['contains']!r} names {len(matching)} left-out cells, not 1"
        listed[entry["page"], matching[0]] = entry["reason"]
    assert set(found) == set(listed)
    assert len(found) <= SHARE_LEFT_OUT * total, f"{len(found)} of {total} cells are left out; at most one in twenty"


def test_nbval_passes_on_honest_outputs_and_fails_on_a_tampered_one(tmp_path: Path) -> None:
    honest, tampered = tmp_path / "honest", tmp_path / "tampered"
    honest.mkdir()
    tampered.mkdir()
    notebook = small_notebook("2 + 2", "3 * 4")
    assert run_nbval(notebook, honest).returncode == 0
    notebook.cells[1].outputs[0].text = "13\n"
    result = run_nbval(notebook, tampered)
    assert result.returncode == 1
    assert "1 failed, 1 passed" in result.stdout


@pytest.mark.usefixtures("site")
def test_a_notebook_without_outputs_is_refused() -> None:
    name = executed_pages()[0]
    executed = executed_notebook(name)
    require_executed(executed, KNOWN_OUTPUTS[name])
    no_counts, no_outputs = copy.deepcopy(executed), copy.deepcopy(executed)
    for cell in code_cells(no_counts):
        cell.execution_count = None
    for cell in code_cells(no_outputs):
        cell.outputs = []
    with pytest.raises(NotExecutedError, match="code cell 1 has no execution count"):
        require_executed(no_counts, KNOWN_OUTPUTS[name])
    with pytest.raises(NotExecutedError, match="is missing"):
        require_executed(no_outputs, KNOWN_OUTPUTS[name])
    with pytest.raises(NotExecutedError, match="no code cells"):
        require_executed(nbformat.v4.new_notebook(), "4")
