import json
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import age, identity, roster, roster_draft, signing
from storage.roster import Roster, RosterRefused, Unit

TODAY, LATER = date(2026, 11, 25), date(2027, 11, 25)
DIRECTORS = [Ed25519PrivateKey.generate() for _ in range(3)]
TRUSTED = [key.public_key() for key in DIRECTORS]
SEALER = Ed25519PrivateKey.generate().public_key()
KEYS = {name: identity.new_key() for name in ("coat-1", "coat-2", "icbf-1")}


def draft():
    document = roster_draft.new([SEALER], issued=TODAY, expires=LATER)
    for unit in ("coat", "icbf", "fiscalia"):
        value = Unit(unit.upper(), "CO", f"{unit}@example.org", "prosecution", True)
        document = roster_draft.add_unit(document, unit, value)
    for name, key in KEYS.items():
        document = roster_draft.add_officer(document, name.partition("-")[0], key.card(name), TODAY, LATER)
    return document


def signed(document=None, count=2):
    document = document or draft()
    for key in DIRECTORS[:count]:
        document = roster_draft.sign(document, key)
    return document


def load(document, tmp_path, **options):
    path = tmp_path / "roster.json"
    path.write_bytes(document)
    return Roster.load(path, TRUSTED, 2, **{"today": TODAY, **options})


def test_roster_signed_by_enough_directors_is_in_force(tmp_path):
    found = load(signed(), tmp_path)
    assert (found.version, found.practice, set(found.units)) == (1, False, {"coat", "icbf", "fiscalia"})
    assert found.units["coat"] == Unit("COAT", "CO", "coat@example.org", "prosecution", True)
    assert found.knows_sealer(SEALER)
    assert not found.knows_sealer(Ed25519PrivateKey.generate().public_key())


def test_reports_go_to_all_officers_of_the_units_and_to_each_once(tmp_path):
    found = load(signed(), tmp_path)
    assert found.recipients(["coat", "coat", "icbf"], TODAY) == [
        KEYS["coat-1"].recipient, KEYS["coat-2"].recipient, KEYS["icbf-1"].recipient,
    ]  # fmt: skip
    assert found.recipients(["fiscalia", "unknown"], TODAY) == []
    assert found.units_without_key(["coat", "fiscalia", "unknown"], TODAY) == ["fiscalia", "unknown"]


def test_officer_counts_on_the_days_given_and_on_no_other(tmp_path):
    found = load(signed(), tmp_path)
    days = [TODAY - timedelta(1), TODAY, LATER, LATER + timedelta(1)]
    assert [bool(found.recipients(["icbf"], day)) for day in days] == [False, True, True, False]
    assert found.units_without_key(["icbf"], days[0]) == ["icbf"]


@pytest.mark.parametrize("count", [0, 1])
def test_roster_signed_by_too_few_is_refused(tmp_path, count):
    with pytest.raises(RosterRefused):
        load(signed(count=count), tmp_path)


def test_one_director_signing_twice_is_one_director(tmp_path):
    document = roster_draft.sign(signed(count=1), DIRECTORS[0])
    with pytest.raises(RosterRefused):
        load(document, tmp_path)
    with pytest.raises(RosterRefused):
        roster.read(document, [TRUSTED[0], TRUSTED[0]], 2, today=TODAY)


def test_key_that_the_host_adds_is_refused(tmp_path):
    host = identity.new_key()
    value = json.loads(signed())
    value["body"]["officers"][0]["recipient"] = str(host.recipient)
    with pytest.raises(RosterRefused):  # T13: in place of an officer's
        load(signing.canonical(value), tmp_path)
    own = roster_draft.add_officer(signed(), "coat", host.card("host"), TODAY, LATER)
    with pytest.raises(RosterRefused):  # beside them: the signatures are gone
        load(own, tmp_path)
    with pytest.raises(RosterRefused):  # signed by itself
        load(roster_draft.sign(roster_draft.sign(own, host.signing_key), Ed25519PrivateKey.generate()), tmp_path)


def test_older_version_than_the_one_seen_is_refused(tmp_path):
    second = signed(roster_draft.remove_officer(signed(), "coat-2"))
    assert load(second, tmp_path, seen_version=2).version == 2
    with pytest.raises(RosterRefused):
        load(signed(), tmp_path, seen_version=2)


def test_roster_ends_with_its_last_day(tmp_path):
    assert load(signed(), tmp_path, today=LATER)
    with pytest.raises(RosterRefused):
        load(signed(), tmp_path, today=LATER + timedelta(1))


def test_threshold_below_one_is_refused():
    with pytest.raises(RosterRefused):
        roster.read(draft(), TRUSTED, 0, today=TODAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(version=0),
        lambda body: body.update(version="1"),
        lambda body: body.update(practice="yes"),
        lambda body: body.update(more=1),
        lambda body: body.pop("expires"),
        lambda body: body.update(sealers=["00"]),
        lambda body: body["officers"].reverse(),
        lambda body: body["officers"].append(body["officers"][0]),
        lambda body: body["officers"][0].update(unit="nowhere"),
        lambda body: body["officers"][0].update(recipient=str(age.X25519Identity.generate().recipient())),
        lambda body: body["officers"][0].update(recipient=body["officers"][1]["recipient"]),
        lambda body: body["units"]["coat"].update(more=1),
        lambda body: body["units"]["coat"].update(wants_file="yes"),
        lambda body: body["units"]["coat"].update(email=5),
    ],
    ids=["version 0", "version text", "practice text", "more", "no end", "sealer", "order", "officer twice", "no unit",
         "classical key", "one key twice", "unit with more", "wants_file text", "email number"],
)  # fmt: skip
def test_malformed_body_is_refused_though_it_is_signed(tmp_path, change):
    value = json.loads(draft())["body"]
    change(value)
    document = signing.sign_too(signing.sign(value, DIRECTORS[0]), roster.CTX, DIRECTORS[1])
    with pytest.raises(RosterRefused):
        load(document, tmp_path)


@pytest.mark.parametrize("document", [b"", b"{}", b"words", signing.sign({"ctx": "faro/other/v1"}, DIRECTORS[0])])
def test_what_is_no_roster_is_refused(tmp_path, document):
    with pytest.raises(RosterRefused):
        load(document, tmp_path)


def test_reference_in_a_manifest_is_the_digest_of_the_signed_body(tmp_path):
    one, other = load(signed(), tmp_path), load(signed(count=3), tmp_path)
    assert one.ref == other.ref
    assert one.ref != load(signed(roster_draft.remove_officer(draft(), "coat-1")), tmp_path).ref


def test_tag_in_a_manifest_leads_to_the_officer(tmp_path):
    found = load(signed(), tmp_path)
    tags = found.signing_keys()
    assert {found.officer_of(tag).name_id for tag in tags} == set(KEYS)
    assert found.officer_of("0" * 32) is None
    assert set(tags.values()) == {key.signing_public for key in KEYS.values()}
