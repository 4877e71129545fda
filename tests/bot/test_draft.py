"""A draft survives the sealed state, where it is JSON."""

from __future__ import annotations

import json

import pytest

from bot.draft import Draft
from tests.bot import drafts


@pytest.mark.parametrize("draft", drafts.ALL)
def test_a_draft_is_the_same_after_json(draft: Draft) -> None:
    assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_another_shape_is_refused() -> None:
    with pytest.raises(TypeError):
        Draft.from_json({**json.loads(json.dumps(drafts.DANGER.to_json())), "surprise": 1})
    with pytest.raises(KeyError):
        Draft.from_json({})
