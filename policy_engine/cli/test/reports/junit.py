"""What came of cases as JUnit's XML, which CI servers read."""

from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

from policy_engine.cli.console import visible
from policy_engine.cli.test.outcome import Outcome, file_of
from policy_engine.cli.test.reports.line import Line
from policy_engine.harness import Result, World
from policy_engine.harness.running import failure_lines, place_of, trace_lines

__all__ = ["junit"]


def junit(outcome: Outcome) -> Iterator[Line]:
    """A suite a file, a case each."""
    root = ET.Element("testsuites", _counts("policy-engine", [each for _, each in outcome.results()]))
    for file, grouped in groupby(outcome.results(), key=lambda pair: file_of(pair[1].case)):
        pairs = list(grouped)
        suite = ET.SubElement(root, "testsuite", _counts(file, [each for _, each in pairs]))
        for world, result in pairs:
            _add(suite, world, result)
    ET.indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>', ""
    for line in ET.tostring(root, encoding="unicode").split("\n"):
        yield line, ""


def _add(suite: ET.Element, world: World, result: Result) -> None:
    case, place = result.case, place_of(result.case)
    attributes = {
        "classname": "::".join((file_of(case), *case.group)),
        "name": f"{case.who.name}: {case.asked.name}",
        "file": file_of(case),
        "line": "" if place is None else str(place.line),
        "time": f"{result.seconds:.6f}",
    }
    element = ET.SubElement(suite, "testcase", {name: _text(value) for name, value in attributes.items()})
    if case.skip is not None:
        ET.SubElement(element, "skipped", message=_text(case.skip))
    elif result.failures:
        failed = ET.SubElement(element, "failure", message=_text("; ".join(failure_lines(result))))
        failed.set("type", result.failures[0].what)
        failed.text = _text("\n".join(text for text, _ in trace_lines(world, result)))


def _counts(name: str, results: list[Result]) -> dict[str, str]:
    return {
        "name": _text(name),
        "tests": str(len(results)),
        "failures": str(sum(bool(each.failures) for each in results)),
        "errors": "0",
        "skipped": str(sum(each.decision is None for each in results)),
        "time": f"{sum(each.seconds for each in results):.6f}",
    }


def _text(text: str) -> str:
    """XML 1.0 section 2.2 has no place for most control characters, in whatever spelling."""
    return visible(text, keep="\n\t")
