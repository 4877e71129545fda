import ast
from pathlib import Path

from storage.refused import Refused

STORAGE = Path(__file__).parents[2] / "storage"
FILES = ["age/*.py", "archive.py", "chain_file.py", "envelope.py", "identity.py", "manifest.py", "receipt.py",
         "referral.py", "signing.py", "trust.py"]  # fmt: skip


def test_refusal_is_never_tried_again_and_its_name_is_its_code():
    class Example(Refused):
        """A refusal."""

    assert Example("the rule").retry is False
    assert Example("the rule").code == "Example"


def test_no_message_of_a_refusal_has_a_value_in_it():
    """Such a message may be logged, so it is a fixed sentence wherever a person's data is handled."""
    looked = 0
    for path in (found for pattern in FILES for found in STORAGE.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and path.name != "trust.py":
                looked += 1
                assert [type(argument) for argument in node.exc.args] == [ast.Constant], f"{path.name}:{node.lineno}"
    assert looked > 50
