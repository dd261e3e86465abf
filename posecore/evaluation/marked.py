"""A table in a text, between two marks: how what was measured comes into the docs."""

from pathlib import Path

from posecore.files import replacing

Marks = tuple[str, str]  # what stands before the table and after it


def around_table(path: Path, marks: Marks) -> tuple[str, str]:
    """What a text has before and after a table; ValueError without its marks, OSError when it cannot be read."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise ValueError(f"{path}: lacks the marks {' … '.join(marks)}; add them where the table belongs")
    return before, after


def replace_table(path: Path, table: str, marks: Marks) -> None:
    """Put a table, its marks included, into a text that has them; the errors are those of `around_table`."""
    before, after = around_table(path, marks)
    with replacing(path) as temporary:
        temporary.write_text(before + table + after, encoding="utf-8")
