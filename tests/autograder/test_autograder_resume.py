"""Nothing is graded twice and nothing is lost: reruns, changed tests, Ctrl-C, and kill -9 at any moment."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import tiny

from autograder import fingerprint, recorder
from autograder.classroom import notebook, solution_sources
from autograder.errors import CourseError
from autograder.grading import grade
from autograder.manifest import load_manifest
from autograder.recorder import gradebook, record
from autograder.release import release
from autograder.results import open_store
from autograder.submission import Extra, Submission, parse_submission

GRADE = ["grade", tiny.NAME, "--trusted", "--jobs", "1"]


def start(course, *arguments, first=""):
    """Start the command line in a process of its own, after running the text `first` in it.

    Ctrl-C works there as at a terminal, also where these tests are run in the background, which ignores it.
    """
    listening = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    begin = f"import os, signal, sys\n{listening}\n{first}"
    code = f"{begin}\nfrom autograder.cli import main\nsys.argv[1:] = {list(arguments)!r}\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tiny.ROOT)},
    )  # fmt: skip


def run(course, *arguments, first=""):
    """Run a command: in this process, or in one of its own where the text `first` is to end it."""
    if first:
        process = start(course, *arguments, first=first)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err
    from typer.testing import CliRunner

    from autograder.commands import app

    done = CliRunner().invoke(app, [*arguments, "--course", str(course.root)])
    if isinstance(done.exception, CourseError):
        return 2, done.stdout, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def hand_in(course, manifest, count, seconds=0.0):
    """Write a class: every third student is wrong in one question; each notebook logs its start, then sleeps."""
    log = course.root / "started.log"
    for number in range(count):
        answers = dict(solution_sources(manifest))
        if number % 3 == 0:
            answers["number"] = f"answer = {number + 100}"
        document = notebook(manifest, answers)
        first = f"import time\nwith open({str(log)!r}, 'a') as log:\n    log.write('student-{number:02d}\\n')\n"
        first += f"time.sleep({seconds})"
        document["cells"].insert(0, {"cell_type": "code", "id": "log", "metadata": {}, "source": first, "outputs": []})
        path = course.submitted / f"student-{number:02d}" / tiny.NAME / "means.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
    return log


def started(log):
    return log.read_text().split() if log.exists() else []


def kept(course):
    """Return how many results are on the shelf, without disturbing whoever writes there."""
    path = course.work / "results.db"
    if not path.is_file():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
            return base.execute("SELECT count(*) FROM latest").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0


def assert_recorded(course, manifest, count):
    """Check that gradebook, graded notebooks and results agree on the whole class and on what each student earned."""
    with gradebook(course) as book:
        totals = {
            entry.student.id: sum(grade.auto_score or 0 for grade in entry.notebooks[0].grades)
            for entry in book.assignment_submissions(tiny.NAME)
        }
    assert totals == {f"student-{n:02d}": 70 if n % 3 == 0 else 90 for n in range(count)}
    with open_store(course) as store:
        present = store.present(tiny.NAME)
        assert len(present) == count
        for item in present:
            path = course.autograded / item.student / tiny.NAME / "means.ipynb"
            stamp = json.loads(path.read_text())["metadata"]["autograder"]
            assert stamp["result"] == item.digest
        assert record(course, manifest, store, present) == 0


def files(course):
    """Return what a rerun must leave alone: when every graded notebook and the gradebook were last changed."""
    paths = [*course.autograded.rglob("*.ipynb"), course.work / "gradebook.db"]
    return {path: path.stat().st_mtime_ns for path in paths}


def test_a_rerun_grades_and_writes_nothing_and_gives_the_same_results(course, manifest):
    log = hand_in(course, manifest, 4)
    assert run(course, *GRADE, "--json", str(course.root / "one.json"))[0] == 0
    before = files(course)
    code, out, err = run(course, *GRADE, "--json", str(course.root / "two.json"))
    assert (code, "4 of 4 were graded before" in err) == (0, True)
    assert "student-03" in out
    assert len(started(log)) == 4
    assert files(course) == before
    assert (course.root / "one.json").read_text() == (course.root / "two.json").read_text()
    assert_recorded(course, manifest, 4)


def test_force_grades_all_again_and_changed_work_only_itself(course, manifest):
    log = hand_in(course, manifest, 3)
    run(course, *GRADE)
    run(course, *GRADE, "--force")
    assert sorted(started(log)) == sorted([f"student-{n:02d}" for n in range(3)] * 2)
    path = course.submitted / "student-01" / tiny.NAME / "means.ipynb"
    path.write_text(path.read_text().replace("time.sleep(0.0)", "time.sleep(0.001)"))
    _, _, err = run(course, *GRADE)
    assert "2 of 3 were graded before" in err
    assert started(log)[6:] == ["student-01"]


def test_a_changed_test_regrades_the_class_and_the_gradebook_follows(course, manifest):
    log = hand_in(course, manifest, 2)
    run(course, *GRADE)
    assert_recorded(course, manifest, 2)
    path = course.solutions / tiny.NAME / "means.py"
    path.write_text(path.read_text().replace("assert answer == 3 * 4", "assert answer > 3 * 4"))
    release(course, tiny.NAME)
    _, _, err = run(course, *GRADE)
    assert "graded before" not in err
    assert len(started(log)) == 4
    with gradebook(course) as book:
        score = {n: book.find_grade("number--value", "means", tiny.NAME, f"student-0{n}").auto_score for n in (0, 1)}
    assert score == {0: 20, 1: 0}  # the larger number is right now, 12 is not


def test_a_run_killed_again_and_again_loses_only_what_is_in_flight(course, manifest):
    count = 9
    log = hand_in(course, manifest, count, seconds=0.15)
    chance = random.Random(4)
    before = 0
    for kill in range(4):
        process = start(course, *GRADE)
        begun = len(started(log))
        limit = time.monotonic() + 60
        while len(started(log)) < begun + 1 + kill % 2 and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        now = kept(course)
        assert now >= before
        assert len(set(started(log))) - now <= 2  # one that runs, one that was just finished and not yet written
        before = now
    assert 0 < before < count
    code, _, err = run(course, *GRADE)
    assert (code, f"{before} of {count} were graded before" in err) == (0, True)
    assert_recorded(course, manifest, count)
    assert len(started(log)) <= count + 4 * 2


MOMENTS = {
    "before anything is recorded": "recorder.gradebook = lambda course: os.kill(os.getpid(), signal.SIGKILL)",
    "in the middle of a transaction": "recorder._Tables.flush = lambda tables: os.kill(os.getpid(), signal.SIGKILL)",
    "between scores and graded notebooks": "recorder.write_whole = lambda *what: os.kill(os.getpid(), signal.SIGKILL)",
    "after the first chunk": """
real = recorder._record_chunk
def second(*what):
    os.kill(os.getpid(), signal.SIGKILL) if seen else seen.append(real(*what))
seen = []
recorder.CHUNK, recorder._record_chunk = 2, second""",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_recording_the_next_run_brings_the_gradebook_up_to_date(course, manifest, moment):
    log = hand_in(course, manifest, 5)
    code, _, _ = run(course, *GRADE, first=f"from autograder import recorder\n{MOMENTS[moment]}")
    assert code == -signal.SIGKILL
    assert len(list(course.autograded.rglob("*.ipynb"))) < 5
    code, _, err = run(course, *GRADE)
    assert (code, "5 of 5 were graded before" in err) == (0, True)
    assert len(started(log)) == 5
    assert_recorded(course, manifest, 5)


def test_new_work_killed_while_recorded_still_asks_for_a_second_look_at_a_mark(course, manifest):
    hand_in(course, manifest, 2)
    run(course, *GRADE)
    with gradebook(course) as book:
        mark = book.find_grade("words--written", "means", tiny.NAME, "student-01")
        mark.manual_score, mark.needs_manual_grade = 7.0, False
        book.db.commit()
    path = course.submitted / "student-01" / tiny.NAME / "means.ipynb"
    path.write_text(path.read_text().replace("answer = 12", "answer = 6 * 2"))
    moment = MOMENTS["before anything is recorded"]
    assert run(course, *GRADE, first=f"from autograder import recorder\n{moment}")[0] == -signal.SIGKILL
    run(course, *GRADE)
    with gradebook(course) as book:
        mark = book.find_grade("words--written", "means", tiny.NAME, "student-01")
        assert (mark.manual_score, mark.needs_manual_grade) == (7.0, True)


def test_ctrl_c_keeps_and_records_what_is_finished_and_says_so(course, manifest):
    log = hand_in(course, manifest, 16, seconds=0.2)  # a busy machine sees the third long after it
    process = start(course, *GRADE)
    while len(started(log)) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "start the command again for the rest" in err
    assert "Traceback" not in err
    done = kept(course)
    assert 1 <= done < 16
    assert len(list(course.autograded.rglob("*.ipynb"))) == done
    assert run(course, *GRADE)[0] == 0
    assert_recorded(course, manifest, 16)


def test_a_gradebook_that_was_lost_or_changed_behind_our_back_is_made_right(course, manifest):
    hand_in(course, manifest, 3)
    run(course, *GRADE)
    run(course, *GRADE)  # finds all recorded
    with gradebook(course) as book:
        book.find_grade("number--value", "means", tiny.NAME, "student-01").auto_score = 3.5
        book.db.commit()
    run(course, *GRADE)
    assert_recorded(course, manifest, 3)
    run(course, *GRADE)
    (course.work / "gradebook.db").unlink()
    release(course, tiny.NAME)
    run(course, *GRADE)
    assert_recorded(course, manifest, 3)
    run(course, *GRADE)
    next(course.autograded.rglob("*.ipynb")).unlink()
    run(course, *GRADE)
    assert_recorded(course, manifest, 3)


def test_the_key_depends_on_all_that_a_result_depends_on_and_on_nothing_else(manifest, monkeypatch):
    submission = Submission("zoe", {"column-mean": "x = 1"})

    def key(manifest=manifest, submission=submission, seed=0, sandbox="full"):
        return fingerprint.result_key(manifest, submission, seed, fingerprint.surroundings(manifest, sandbox))

    plain = key()
    others = {
        "manifest": key(manifest=replace(manifest, mistakes=manifest.mistakes + "\n")),
        "source": key(submission=replace(submission, sources={"column-mean": "x = 2"})),
        "extra": key(submission=replace(submission, extras=[Extra(0, "x = 1")])),
        "problem": key(submission=replace(submission, problems={"column-mean": "It is missing."})),
        "seed": key(seed=1),
        "sandbox": key(sandbox="none"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "_version", lambda name: "0.0.1")
        others["a package"] = key()
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "_code_digest", lambda folder: "other code")
        others["our code"] = key()
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint.platform, "python_version", lambda: "3.99.0")
        others["python"] = key()
    assert len({plain, *others.values()}) == len(others) + 1, others
    assert key(submission=replace(submission, student="yan", timestamp="2026-01-01 10:00 UTC")) == plain


def test_a_library_that_is_not_installed_counts_by_its_code(manifest, tmp_path, monkeypatch):
    package = tmp_path / "local_reference"
    package.mkdir()
    (package / "__init__.py").write_text("answer = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    cells = [replace(cell, full=f"import local_reference\n{cell.full}") for cell in manifest.cells[1:2]]
    uses = replace(manifest, cells=cells)
    assert fingerprint.imported_packages(uses) == {"local_reference", "numpy"}
    seen = []
    for text in ("answer = 1\n", "answer = 2\n", "answer = 1\n"):
        (package / "__init__.py").write_text(text)
        fingerprint._code_digest.cache_clear()
        fingerprint._library.cache_clear()
        seen.append(fingerprint.surroundings(uses, "full"))
    assert seen[0] == seen[2] != seen[1]


def test_a_result_comes_back_as_it_was_and_is_shared_by_equal_work(course, manifest, executor):
    data = json.dumps(notebook(manifest, solution_sources(manifest))).encode()
    submission = parse_submission(data, manifest, "zoe")
    submission = replace(
        submission, extras=[Extra(3, "print('\\u2713 \\ud83d\\ude00', 1)")], timestamp="2026-01-02 03:04:05 UTC"
    )
    result = grade(manifest, submission, executor=executor)
    other = replace(submission, student="yan", timestamp="")
    with open_store(course) as store:
        assert store.find(tiny.NAME, [(submission, "k")]) == {}
        store.save("k", submission, result)
    with open_store(course) as store:
        [item] = store.present(tiny.NAME)
        assert store.whole(item) == (submission, result)
        found = store.find(tiny.NAME, [(other, "k")])["yan"]
        assert store.whole(found) == (other, replace(result, student="yan"))
        assert [item.student for item in store.present(tiny.NAME)] == ["yan", "zoe"]


def test_lone_surrogates_in_sources_and_outputs_are_kept_and_recorded(course, manifest, executor):
    data = json.dumps(notebook(manifest, solution_sources(manifest))).encode()
    submission = replace(parse_submission(data, manifest, "zoe"), extras=[Extra(0, "print('\\ud800')")])
    result = grade(manifest, submission, executor=executor)
    broken = [{"output_type": "stream", "name": "stdout", "text": "\ud800"}]
    result = replace(result, outputs={**result.outputs, "extra-1-0": broken})
    with open_store(course) as store:
        assert record(course, manifest, store, [store.save("k", submission, result)]) == 1
        assert store.whole(store.present(tiny.NAME)[0]) == (submission, result)


def test_a_damaged_shelf_is_said_with_what_to_do(course, manifest):
    hand_in(course, manifest, 1)
    (course.work / "results.db").write_bytes(b"no database at all" * 100)
    code, _, err = run(course, *GRADE)
    assert code == 2
    assert "_course/results.db cannot be used" in err
    assert "Delete the file" in err
    (course.work / "results.db").unlink()
    assert run(course, *GRADE)[0] == 0


def test_a_shelf_of_another_format_is_emptied(course, manifest, executor):
    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    with open_store(course) as store:
        store.save("k", submission, grade(manifest, submission, executor=executor))
    with sqlite3.connect(course.work / "results.db") as base:
        base.execute("PRAGMA user_version = 999")
    with open_store(course) as store:
        assert store.present(tiny.NAME) == []


def test_results_that_are_nobodys_any_more_leave_the_shelf_after_a_month(course, manifest, executor, monkeypatch):
    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    result = grade(manifest, submission, executor=executor)
    with open_store(course) as store:
        store.save("old", submission, result)
        store.save("new", submission, result)
        store.tidy()
        assert "zoe" in store.find(tiny.NAME, [(submission, "old")])
        store.find(tiny.NAME, [(submission, "new")])
        later = time.time() + 40 * 86400
        monkeypatch.setattr(time, "time", lambda: later)
        store.tidy()
        assert store.find(tiny.NAME, [(submission, "old")]) == {}
        assert "zoe" in store.find(tiny.NAME, [(submission, "new")])


def test_a_locked_gradebook_is_waited_for_then_said_and_nothing_is_lost(course, manifest, monkeypatch):
    monkeypatch.setattr(recorder, "PATIENCE", 2)
    log = hand_in(course, manifest, 3)
    base = sqlite3.connect(course.work / "gradebook.db", isolation_level=None)
    base.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    code, out, err = run(course, *GRADE, "--json", str(course.root / "grades.json"))
    assert time.monotonic() - began > 2
    assert code == 1
    assert "gradebook.db cannot be used (database is locked)" in err
    assert "The results are kept" in err
    assert "Traceback" not in err
    assert "student-02" in out  # the table is printed all the same
    assert len(json.loads((course.root / "grades.json").read_text())["submissions"]) == 3
    base.execute("ROLLBACK")
    base.close()
    code, _, err = run(course, *GRADE)
    assert (code, "3 of 3 were graded before" in err) == (0, True)
    assert len(started(log)) == 3
    assert_recorded(course, manifest, 3)


def test_a_gradebook_that_becomes_free_in_time_is_used(course, manifest, executor):
    import threading

    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    base = sqlite3.connect(course.work / "gradebook.db", isolation_level=None, check_same_thread=False)
    with open_store(course) as store:
        item = store.save("k", submission, grade(manifest, submission, executor=executor))
        base.execute("BEGIN EXCLUSIVE")
        threading.Timer(1.0, lambda: base.execute("ROLLBACK")).start()
        assert record(course, manifest, store, [item]) == 1


def test_a_full_disk_is_said_and_the_next_run_finishes(course, manifest, executor, monkeypatch):
    """No room for graded notebooks: the scores are in, a sentence says what is missing, a second call writes it."""
    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    with open_store(course) as store:
        item = store.save("k", submission, grade(manifest, submission, executor=executor))
        with monkeypatch.context() as patch:

            def full(*what):
                raise OSError(28, "No space left on device")

            patch.setattr(recorder, "write_whole", full)
            with pytest.raises(CourseError, match=r"1 graded notebooks could not be written.*No space left on device"):
                record(course, manifest, store, [item])
        assert record(course, manifest, store, [item]) == 1
        assert record(course, manifest, store, [item]) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_on_a_disk_that_fills_up_nothing_is_half_and_the_rest_follows(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        course = tiny.make_course(small / "course")
        release(course, tiny.NAME)
        manifest = load_manifest(course.manifest(tiny.NAME))
        inbox = replace(course, root=tmp_path / "elsewhere")
        hand_in(inbox, manifest, 6)
        filler = small / "filler"
        with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
            while True:
                stream.write(b"x" * 4096)
        arguments = [*GRADE, "--submissions", str(inbox.submitted)]
        code, _, err = run(course, *arguments, first="pass")
        assert code in (1, 2)
        assert "full" in err or "No space" in err
        assert "Traceback" not in err
        filler.unlink()
        assert run(course, *arguments)[0] == 0
        assert_recorded(course, manifest, 6)
    finally:
        subprocess.run(["umount", str(small)], check=False)


def test_results_for_which_there_is_no_room_are_recorded_from_memory_and_made_again_next_time(
    course, manifest, executor
):
    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    result = grade(manifest, submission, executor=executor)
    with open_store(course) as store:
        [pages] = store._base.execute("PRAGMA page_count").fetchone()
        store._base.execute(f"PRAGMA max_page_count = {pages}")
        large = {**result.outputs, "column-mean": [{"output_type": "stream", "name": "stdout", "text": "x" * 100_000}]}
        item = store.save("k", submission, replace(result, outputs=large))
        assert store.not_kept == "the disk is full"
        assert record(course, manifest, store, [item]) == 1
        assert "x" * 100_000 in next(course.autograded.rglob("*.ipynb")).read_text()
    with open_store(course) as store:
        assert store.find(tiny.NAME, [(submission, "k")]) == {}
        assert store.present(tiny.NAME) == []


def test_nobody_can_write_a_mark_between_our_reading_and_our_writing(course, manifest, executor, monkeypatch):
    submission = parse_submission(json.dumps(notebook(manifest, {})).encode(), manifest, "zoe")
    refused = []
    real = recorder._Tables.change

    def intruder(tables, entry, plan):
        with contextlib.closing(sqlite3.connect(course.work / "gradebook.db", timeout=0)) as base:
            try:
                base.execute("UPDATE grade SET manual_score = 1")
            except sqlite3.OperationalError as error:
                refused.append(str(error))
        real(tables, entry, plan)

    monkeypatch.setattr(recorder._Tables, "add", lambda tables, students: None)
    with open_store(course) as store:
        item = store.save("k", submission, grade(manifest, submission, executor=executor))
        with gradebook(course) as book:
            book.add_student("zoe")
            book.add_submission(tiny.NAME, "zoe")
        monkeypatch.setattr(recorder._Tables, "change", intruder)
        assert record(course, manifest, store, [item]) == 1
    assert refused == ["database is locked"]
