"""The commands: what each is called, what it takes, what it prints. The work itself is done in the other rooms."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course, load_nbgrader, write_whole
from autograder.errors import CourseError

app = typer.Typer(
    help="Release, grade and give feedback on the course's assignments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Which ones; all if none is named.")]
CourseFolder = Annotated[
    Path | None, typer.Option("--course", metavar="DIR", help="The course folder, if not this one.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless something is wrong.")]
Jobs = Annotated[int, typer.Option(min=0, metavar="N", help="How many processes; 0 for one a core.")]
Trusted = Annotated[bool, typer.Option("--trusted", help="Run the notebooks' code unprotected, as you.")]


@app.callback()
def _commands() -> None:
    """Release, grade and give feedback on the course's assignments."""


@app.command("release")
def release_command(
    assignments: Names = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write exercises here, touch nothing else.")
    ] = None,
    quiet: Quiet = False,
    course: CourseFolder = None,
) -> None:
    """Make the student notebooks from solutions/.

    Example: autograder release 05_finite_differences
    """
    place = Course.find(course)
    _release(place, place.select(assignments), output, quiet)


@app.command("grade")
def grade_command(
    assignment: Annotated[str, typer.Argument(help="Which assignment.")],
    submissions: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The students' notebooks, a folder or zip; else _course/submitted."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the results here.")
    ] = None,
    trusted: Trusted = False,
    force: Annotated[bool, typer.Option("--force", help="Grade again what was graded before.")] = False,
    jobs: Jobs = 0,
    seed: Annotated[int, typer.Option(help="The seed of the random generators that students may use.")] = 0,
    quiet: Quiet = False,
    course: CourseFolder = None,
) -> None:
    """Grade a class and record the scores in the gradebook.

    Student code runs in a sandbox; where this host offers none, nothing is graded unless you say --trusted.

    DIR holds <student>/<assignment>/<notebook>.ipynb, <student>/<notebook>.ipynb or <student>.ipynb, or is the zip
    file that Moodle or Canvas gives. An assignment that has not been released in this folder is released first. What
    was graded before is not graded again, unless the notebook, the tests or the grading itself changed; a run that was
    interrupted is finished by the next.

    Example: autograder grade 05_finite_differences --submissions inbox --json grades.json
    """
    place = Course.find(course)
    [name] = place.select([assignment])
    if not place.manifest(name).is_file():
        _release(place, [name], None, quiet)
    whole = _grade(place, name, submissions or place.submitted, json_file, jobs, seed, quiet, trusted, force=force)
    if not whole:
        raise typer.Exit(1)


@app.command("feedback")
def feedback_command(assignments: Names = None, quiet: Quiet = False, course: CourseFolder = None) -> None:
    """Write a page for each student and assignment, and an index of the class.

    Example: autograder feedback 05_finite_differences
    """
    from autograder.display import out
    from autograder.feedback import write_feedback

    place = Course.find(course)
    pages, changed = write_feedback(place, place.select(assignments))
    if not quiet:
        out.print(f"{pages} pages, {changed} changed: {place.show(place.feedback / 'index.html')}", soft_wrap=True)


@app.command("report")
def report_command(assignments: Names = None, course: CourseFolder = None) -> None:
    """Print the grades of the class, marks given by people included.

    Example: autograder report
    """
    place = Course.find(course)
    _print_grades(place, place.select(assignments))


@app.command("export")
def export_command(
    assignments: Names = None,
    output: Annotated[Path, typer.Option(metavar="FILE", help="The table, as CSV.")] = Path("grades.csv"),
    course: CourseFolder = None,
) -> None:
    """Write the grades of the class as a table (CSV) for a spreadsheet or a learning platform.

    Example: autograder export --output grades.csv
    """
    from autograder.display import out
    from autograder.export import export

    place = Course.find(course)
    count = export(place, place.select(assignments), output)
    out.print(f"{count} students: {output}", markup=False, soft_wrap=True)


@app.command("simulate")
def simulate_command(
    assignments: Names = None,
    students: Annotated[int, typer.Option(min=1, metavar="N", help="How many students.")] = 12,
    output: Annotated[Path | None, typer.Option(metavar="DIR", help="Where; _course/submitted if not named.")] = None,
    quiet: Quiet = False,
    course: CourseFolder = None,
) -> None:
    """Make a sample class from the solutions, the named mistakes and the untouched release.

    Example: autograder simulate 05_finite_differences --students 12
    """
    place = Course.find(course)
    _simulate(place, place.select(assignments), students, output or place.submitted, quiet)


@app.command("check")
def check_command(
    assignments: Names = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Change the solutions mechanically; the tests must notice.")
    ] = False,
    jobs: Jobs = 0,
    quiet: Quiet = False,
    course: CourseFolder = None,
) -> None:
    """Prove the tests: the release gets 0, the solution and each variant all, each mistake loses its own question.

    With the solution, no cell of the notebook may stop either, such as an experiment behind the last test.

    With --mutants, each small change of a solution must lose points as well; those that change nothing a student could
    be held to are listed with the reason in equivalents.toml beside the solution. Runs the instructor's own code, from
    solutions/, in a sandbox where this host has one.

    Example: autograder check 05_finite_differences
    """
    from autograder.display import mutants_table, out, progress, proof_table
    from autograder.mutants import mutants_of, prove_mutants
    from autograder.proof import cases, prove
    from autograder.release import released

    place = Course.find(course)
    broken = 0
    for name in place.select(assignments):
        manifest = released(place, name)
        if mutants:
            with progress(name, len(mutants_of(manifest)), quiet) as step:
                scores = prove_mutants(place, manifest, jobs=jobs, on_mutant=step)
            failing_scores = [score for score in scores if not score.holds]
            broken += len(failing_scores)
            if not quiet or failing_scores:
                out.print(mutants_table(name, failing_scores if quiet else scores))
            continue
        with progress(name, len(cases(place, manifest)), quiet) as step:
            rows = prove(place, manifest, jobs=jobs, on_row=step)
        failing = [row for row in rows if row.problems]
        broken += len(failing)
        if not quiet or failing:
            out.print(proof_table(name, failing if quiet else rows))
    if broken:
        raise typer.Exit(1)


@app.command("sandbox")
def sandbox_command(
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write what came of every attempt here.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="PROTECTION", help="Leave one out, to see what the others hold: namespaces, landlock."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Show what this host offers to keep student code apart, and prove it by trying to break out.

    Every attempt is made without a sandbox first, where that is safe, then against each protection alone, then against
    all together. Exits with 1 if one got through, with 2 if nothing isolates here.

    Example: autograder sandbox
    """
    from autograder.display import err, out, progress
    from autograder.sandbox import probe
    from autograder.sandbox.attempts import TRIES, prove
    from autograder.sandbox.show import as_json, attempts_table

    level = probe(without or ())
    if not level.isolates:
        raise CourseError(level.sentence)
    if not quiet:
        out.print(level.sentence, soft_wrap=True)
    with progress("attempts", TRIES, quiet) as step:
        level, outcomes = prove(without or (), step)
    if json_file is not None:
        write_whole(json_file, json.dumps(as_json(level, outcomes), indent=1, ensure_ascii=False) + "\n")
    if not quiet:
        out.print(attempts_table(outcomes))
    broken = [outcome.attempt.name for outcome in outcomes if not outcome.holds]
    if broken:
        err.print(f"autograder: These attempts got through: {', '.join(broken)}.", markup=False, soft_wrap=True)
        raise typer.Exit(1)
    if not quiet:
        out.print(f"All {len(outcomes)} attempts were held off.")


@app.command("demo")
def demo_command(
    students: Annotated[int, typer.Option(min=1, metavar="N", help="How many sample students.")] = 12,
    jobs: Jobs = 0,
    course: CourseFolder = None,
) -> None:
    """Do it all with a sample class: release, simulate, grade, feedback, and the table of grades.

    The sample notebooks come from solutions/; they run in a sandbox where there is one.

    Example: autograder demo
    """
    from autograder.display import out
    from autograder.feedback import write_feedback

    place = Course.find(course)
    names = place.select(None)
    out.rule("The sample class", align="left")
    _release(place, names, None, quiet=False)
    _simulate(place, names, students, place.submitted, quiet=False)
    for name in names:
        _grade(place, name, place.submitted, None, jobs, 0, True, None, samples_only=True)
        out.print(f"{name}: graded")
    write_feedback(place, names)
    _print_grades(place, names)
    book = place.root / "_build" / "html" / "index.html"
    for what, path in (("book", book), ("feedback", place.feedback / "index.html")):
        address = path.as_uri() if path.is_file() else f"not built yet ({place.show(path)})"
        out.print(f"{what:>9}  {address}", soft_wrap=True)


def _release(place: Course, names: list[str], output: Path | None, quiet: bool) -> None:
    from autograder.display import out, progress
    from autograder.release import release

    with progress("release", len(names), quiet) as step:
        for name in names:
            done = release(place, name, output)
            step()
            if not quiet:
                state = "released" if done.changed else "unchanged"
                points = (
                    f"{len(done.manifest.questions)} questions, {done.manifest.automatic_points:g} automatic points"
                )
                out.print(f"{name}: {state} ({points}) -> {place.show(done.path)}", soft_wrap=True)


def _simulate(place: Course, names: list[str], count: int, folder: Path, quiet: bool) -> None:
    from autograder.display import out
    from autograder.release import released
    from autograder.simulate import simulate

    for name in names:
        changed = simulate(released(place, name), folder, count)
        if not quiet:
            out.print(f"{name}: {count} sample notebooks, {changed} changed, in {place.show(folder)}", soft_wrap=True)


def _grade(
    place: Course,
    name: str,
    folder: Path,
    json_file: Path | None,
    jobs: int,
    seed: int,
    quiet: bool,
    trusted: bool | None,
    *,
    samples_only: bool = False,
    force: bool = False,
) -> bool:
    """Grade what was not graded before, record and print; return whether every submission could be graded."""
    from autograder.fleet import Work, default_jobs, grade_all
    from autograder.manifest import load_manifest
    from autograder.runner import JudgeExecutor

    manifest = load_manifest(place.manifest(name))
    jobs = jobs or default_jobs()
    lost: list[str] = []
    trouble: list[str] = []
    with closing(JudgeExecutor(jobs, trusted=trusted)) as executor:  # it starts while all else is got ready
        from autograder.collection import collect
        from autograder.display import err, grading_table, out, progress
        from autograder.fingerprint import result_key, surroundings
        from autograder.recorder import record
        from autograder.release import SAMPLE_PREFIX, outdated
        from autograder.results import open_store, summary

        found = collect(folder, manifest)
        if stale := outdated(place, manifest):
            found.notes.insert(0, stale)
        submissions = [item for item in found.submissions if item.student.startswith(SAMPLE_PREFIX) or not samples_only]
        if not submissions:
            passed_over = "".join(f"\n  {note}" for note in found.notes[:10])
            raise CourseError(f"No notebook of {name} was found below {folder}.{passed_over}")
        sandbox = executor.sandbox
        around = surroundings(manifest, sandbox)
        keys = {item.student: result_key(manifest, item, seed, around) for item in submissions}
        with open_store(place) as store:
            kept = {} if force else store.find(name, ((item, keys[item.student]) for item in submissions))
            works = [Work(manifest, item) for item in submissions if item.student not in kept]
            if not quiet:
                before = f"; {len(kept)} of {len(submissions)} were graded before" if kept else ""
                err.print(f"sandbox: {sandbox}; {len(submissions)} notebooks{before}", soft_wrap=True)
            if works:
                threading.Thread(target=load_nbgrader, daemon=True).start()
            try:
                with progress(name, len(works)) as step:
                    for work, result in grade_all(works, jobs=jobs, seed=seed, make_executor=lambda _: executor):
                        if result is None:
                            lost.append(work.submission.student)
                        else:
                            kept[result.student] = store.save(keys[result.student], work.submission, result)
                        step()
            finally:  # also when interrupted: what is done is kept
                try:
                    record(place, manifest, store, kept.values())
                except CourseError as error:
                    trouble.append(f"{error} The results are kept: the next `autograder grade {name}` records them.")
            if store.not_kept:
                trouble.append(f"Some results could not be kept ({store.not_kept}) and will be graded again next time.")
            else:
                store.tidy()
    results = [item.result for item in kept.values()]
    if json_file is not None:
        text = json.dumps(summary(name, sandbox, results, lost), indent=1, ensure_ascii=False)
        write_whole(json_file, text + "\n")
    if not quiet:
        out.print(grading_table(manifest, results))
    unreadable = [result for result in results if result.malformed]
    trouble += found.notes
    trouble += [f"{student} could not be graded, the process was lost each time." for student in sorted(lost)]
    trouble += [f"{result.student}: {result.malformed}" for result in unreadable]
    for sentence in trouble:
        err.print(f"autograder: {sentence}", markup=False, soft_wrap=True)
    return len(trouble) == len(found.notes)


def _print_grades(place: Course, names: list[str]) -> None:
    from autograder.display import class_table, out
    from autograder.report import class_scores

    scores = class_scores(place, names)
    if not scores:
        raise CourseError("Nothing has been graded yet. Run: autograder grade ASSIGNMENT")
    out.print(class_table(scores, [name for name in names if any(name in own for own in scores.values())]))
    if any(score.waiting for own in scores.values() for score in own.values()):
        out.print("* with an answer that a person still has to mark, in formgrader")
