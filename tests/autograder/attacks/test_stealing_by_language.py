"""Reading the tests by the language's own means: frames, the collector, closures, caches, imports, output."""

import engine
import pytest
import tiny

from autograder.feedback import write_feedback
from autograder.fleet import Work, grade_all
from autograder.recorder import record
from autograder.release import release
from autograder.results import open_store
from autograder.runner import JudgeExecutor
from autograder.submission import Submission

# Each prints what it could get hold of when the tests call it, and answers wrongly.
SEARCHES = {
    "the frames of the caller": """
import sys
def column_mean(x):
    frame = sys._getframe()
    while frame:
        print(frame.f_code.co_filename, frame.f_globals.get("secret_matrix"), list(frame.f_globals), frame.f_locals)
        frame = frame.f_back
""",
    "every object of the collector": """
import gc
def column_mean(x):
    for thing in gc.get_objects():
        if isinstance(thing, (str, dict, list, tuple)):
            text = str(thing)
            if "hidden" in text.lower() or "secret_matrix" in text:
                print(text[:2000])
""",
    "the lines that tracebacks are made from": """
import linecache
def column_mean(x):
    print([entry[2] for entry in linecache.cache.values() if len(entry) > 2 and "secret" in str(entry[2])])
""",
    "the history of the shell": """
def column_mean(x):
    ip = get_ipython()
    print(ip.user_ns.get("In"), list(ip.history_manager.input_hist_raw), ip.user_ns_hidden.keys())
""",
    "the memory of the process": """
import re
def column_mean(x):
    try:
        with open("/proc/self/mem", "rb") as memory, open("/proc/self/maps") as maps:
            for line in maps:
                first, last = (int(n, 16) for n in line.split()[0].split("-"))
                try:
                    memory.seek(first)
                    piece = memory.read(min(last - first, 50_000_000))
                except (OSError, ValueError, OverflowError):
                    continue
                needle = b"secret_" + b"matrix"
                for found in re.finditer(needle, piece):
                    print(piece[found.start() : found.start() + 80])
    except OSError as error:
        print(error)
""",
    "tracebacks of the call": """
import traceback
def column_mean(x):
    traceback.print_stack()
    raise ValueError("".join(traceback.format_stack()))
""",
}
HIDDEN = ("secret_matrix", "Another matrix gives another mean", "31.5, 41.5, 53.5", "The number is another one")


@pytest.fixture(scope="module", params=["sandbox", "no namespaces"])
def sandboxed(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSTRUCTORS_TOKEN", "instructor-9137")
        if request.param == "no namespaces":
            patch.setenv("AUTOGRADER_SANDBOX_WITHOUT", "namespaces")
        executor = JudgeExecutor()
    yield executor
    executor.close()


@pytest.mark.parametrize("name", SEARCHES)
def test_nothing_of_a_hidden_test_is_where_student_code_can_look(name, sandboxed, manifest):
    right = SEARCHES[name] + "\n_search = column_mean\ndef column_mean(x):\n    _search(x)\n    return x.mean(axis=0)\n"
    for source in (SEARCHES[name], right):
        result = engine.graded(manifest, sandboxed, "column-mean", source)
        own = {cell.cell_id for cell in manifest.cells if cell.kind != "test"}
        seen = [output for key, outputs in result.outputs.items() for output in outputs if key in own]
        printed = str(seen) + " ".join(question.message for question in result.questions[1:])
        for words in HIDDEN:
            # the needle itself stands in the student's own source, and may be printed back
            assert words not in printed.replace(repr(source), "") or words in source


# What the processes before the child were started with: C's own list of variables, arguments, strings, the open files.
INHERITED = """
import ctypes, gc, json, os, sys
variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.pythonapi, "environ")
words = [*sys.orig_argv, *sys.argv]
number = 0
while variables[number]:
    words.append(variables[number].decode())
    number += 1
places = ctypes.cast(variables, ctypes.POINTER(ctypes.c_void_p))[:number]
stack = [place for place in places if place > max(places) - (1 << 20)]  # where the kernel put all, used or not
low = min(stack) - 8192
words.append(ctypes.string_at(low, max(stack) - low).decode("latin-1"))
there = "LANG=" in words[-1]
gc.unfreeze()
for item in gc.get_objects():
    if type(item) in (dict, list, tuple):
        words += [word for word in (item.values() if type(item) is dict else item) if type(word) is str]
descriptors = 0
for number in range(256):
    try:
        os.fstat(number)
        descriptors += 1
    except OSError:
        pass
marker = "instructor-" + "9137"
print(json.dumps([there, len(words) > 1000, descriptors]))
print([word for word in words if marker in word])
"""


def test_a_child_inherits_nothing_of_who_started_the_grading(sandboxed, manifest):
    step = {"key": "a", "role": "answer", "question": "q", "source": INHERITED}
    limits = vars(manifest.limits)
    job = {"steps": [step], "questions": {}, "answers": [], "mistakes": "", "modules": [], "limits": limits, "seed": 0}
    [output] = sandboxed.run(job)["steps"]["a"]["outputs"]
    assert "text" in output, output
    looked, found = output["text"].splitlines()
    assert looked == "[true, true, 4]"  # in the right places; open are its channel and three that lead nowhere
    assert found == "[]"


# The child's own loop is in its memory under the name of the grader's package; nothing that is secret is.
WITHHELD = ["course_lib.activations", "course_lib.backprop", "course_lib.losses", "autograder.manifest"]


@pytest.mark.parametrize("module", WITHHELD)
@pytest.mark.parametrize(
    "way",
    [
        "import {module}",
        "import importlib; importlib.import_module('{module}')",
        "__import__('{module}')",
        "from course_lib import checks; checks.reference('{last}').__name__",
        "import runpy; runpy.run_module('{module}')",
        "import sys; [sys.modules[name] for name in list(sys.modules) if name.endswith('{last}')][0].__file__",
    ],
)
def test_no_way_of_importing_finds_what_is_withheld(way, module, sandboxed, manifest):
    statement = way.format(module=module, last=module.rpartition(".")[2])
    source = f"def column_mean(x):\n    {statement}\n    return x.mean(axis=0)"
    result = engine.graded(manifest, sandboxed, "column-mean", source)
    assert result.questions[0].points == 0
    assert result.questions[0].verdict == "error"


def test_no_byte_of_a_hidden_line_reaches_the_feedback(tmp_path, sandboxed):
    course = tiny.make_course(tmp_path)
    release(course, tiny.NAME)
    from autograder.manifest import load_manifest

    manifest = load_manifest(course.manifest(tiny.NAME))
    right = engine.right_sources(manifest)
    cell = next(cell for cell in manifest.cells if cell.kind == "answer" and cell.question == "column-mean")
    leaks = [f"{source}\n" for source in SEARCHES.values()]
    leaks.append(
        "def column_mean(x):\n    if x.shape != (2, 2):\n        raise ValueError(str(x))\n    return x.mean(axis=0)"
    )
    works = [
        Work(manifest, Submission(f"student{n}", right | {cell.cell_id: source})) for n, source in enumerate(leaks)
    ]
    with open_store(course) as store:
        kept = []
        for work, result in grade_all(works, jobs=1, make_executor=lambda jobs: _borrowed(sandboxed)):
            kept.append(store.save(f"key-{work.submission.student}", work.submission, result))
        record(course, manifest, store, kept)
    write_feedback(course, [tiny.NAME])
    hidden = [line for line in manifest.hidden_lines() if len(line) >= 20]
    assert hidden
    pages = sorted(course.feedback.rglob("*.html"))
    assert len(pages) > len(leaks)
    for page in pages:
        text = page.read_text("utf-8")
        assert [line for line in hidden if line in text] == []


class _borrowed:
    """An executor that others go on using."""

    def __init__(self, executor):
        self.sandbox, self.run = executor.sandbox, executor.run

    def close(self):
        pass
