"""What the code says of itself: docstrings, and the texts that stand under fields."""

import ast
import inspect
import re
import textwrap


def first_paragraph(thing: type) -> str:
    """The first paragraph of a docstring, on one line; empty where there is none."""
    told = inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0]
    return one_line(told)


def field_descriptions(kind: type) -> dict[str, str]:
    """Field -> the text under it, in this class and those of ours that it extends."""
    written = class_written(kind)
    told: dict[str, str] = {}
    for base in written.bases:
        # A TypedDict forgets what it extends, so its source is asked.
        named = vars(inspect.getmodule(kind)).get(ast.unparse(base))
        if isinstance(named, type) and named.__module__.split(".")[0] != "pydantic":
            told |= field_descriptions(named)
    return told | texts_under_fields(written)


def class_written(kind: type) -> ast.ClassDef:
    """A class as it stands in its file."""
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(written, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    return written


def texts_under_fields(written: ast.ClassDef) -> dict[str, str]:
    """Field -> the text under it."""
    return {
        field.target.id: one_line(text.value.value)
        for field, text in zip(written.body, written.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def one_line(text: str) -> str:
    """The same words on one line."""
    return re.sub(r"\s+", " ", text).strip()
