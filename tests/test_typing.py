"""The program that mypy checks also runs."""

from typing_program import program


def test_typing_program_runs() -> None:
    assert isinstance(program(), float)
