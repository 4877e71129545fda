import hashlib
import json
from datetime import date

import pytest

from storage import age, signing
from storage.manifest import DetachedRef, Manifest, ManifestRefused, PartRef, RosterRef, tag

KEY = age.HybridIdentity.generate().recipient()
WHOLE = Manifest(
    report_id=bytes(16),
    seq=1,
    prev=bytes(32),
    date=date(2026, 11, 25),
    practice=False,
    roster=RosterRef(1, bytes(32)),
    to=(tag(KEY),),
    follow_up=str(KEY),
    parts={"report.txt": PartRef(5, bytes(32))},
    detached={"att/2.mp4": DetachedRef("att2.age", 5_000_000, bytes(32))},
)


def changed(**members):
    value = json.loads(WHOLE.to_bytes())
    value.update(members)
    return signing.canonical({name: v for name, v in value.items() if v != "gone"})


def test_manifest_is_read_back_whole():
    assert Manifest.from_bytes(WHOLE.to_bytes()) == WHOLE


def test_tag_is_what_sha256sum_says_of_the_recipient():
    assert tag(KEY) == hashlib.sha256(str(KEY).encode()).hexdigest()[:32]


@pytest.mark.parametrize("member", sorted(json.loads(WHOLE.to_bytes())))
def test_no_member_may_be_missing(member):
    with pytest.raises(ManifestRefused):
        Manifest.from_bytes(changed(**{member: "gone"}))


@pytest.mark.parametrize(
    "members",
    [
        {"more": 1}, {"ctx": "faro/report-manifest/v2"}, {"seq": "1"}, {"seq": -1}, {"seq": True}, {"practice": 0},
        {"report_id": "0" * 31}, {"report_id": "A" * 32}, {"date": "2026-11-25T10:00"}, {"date": "20261125"},
        {"to": ["b" * 32, "a" * 32]}, {"to": ["a"]}, {"to": "a" * 32}, {"follow_up": "age1"}, {"follow_up": 3},
        {"roster": {"version": 1}}, {"roster": {"version": 1, "sha256": "0" * 64, "more": 1}}, {"roster": None},
        {"parts": []}, {"parts": {"report.txt": {"len": 5}}},
        {"parts": {"report.txt": {"len": "5", "sha256": "0" * 64}}},
        {"detached": {"att/2.mp4": {"len": 5, "sha256": "0" * 64}}},
        {"detached": {"att/2.mp4": {"file": 1, "len": 5, "sha256": "0" * 64}}},
        {"detached": {"att/2.mp4": {"file": "att3.age", "len": 5, "sha256": "0" * 64}}},
        {"detached": {"att/2.mp4": {"file": "../att2.age", "len": 5, "sha256": "0" * 64}}},
        {"detached": {"../2.mp4": {"file": "att2.age", "len": 5, "sha256": "0" * 64}}},
        {"detached": {"att/2.\x1b[2J": {"file": "att2.age", "len": 5, "sha256": "0" * 64}}},
    ],
    ids=str,
)  # fmt: skip
def test_member_of_another_kind_is_refused(members):
    with pytest.raises(ManifestRefused):
        Manifest.from_bytes(changed(**members))
