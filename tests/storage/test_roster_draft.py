import json
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import identity, roster_draft, signing
from storage.roster import CTX, RosterRefused, Unit, parse_body

TODAY, LATER = date(2026, 11, 25), date(2027, 11, 25)
DIRECTOR = Ed25519PrivateKey.generate()
UNIT = Unit("COAT", "CO", None, "coordination", False)


def empty():
    return roster_draft.new([DIRECTOR.public_key()], issued=TODAY, expires=LATER)


def version(document):
    return parse_body(roster_draft.body(document)).version


def test_change_to_an_unsigned_draft_keeps_its_version_and_to_a_signed_roster_makes_the_next():
    document = roster_draft.add_unit(empty(), "coat", UNIT)
    assert version(document) == 1
    changed = roster_draft.add_unit(roster_draft.sign(document, DIRECTOR), "icbf", UNIT)
    assert version(changed) == 2
    assert not signing.is_signed(changed)
    assert version(roster_draft.add_unit(changed, "fiscalia", UNIT)) == 2


def test_new_card_of_an_officer_takes_the_place_of_the_old_one():
    document = roster_draft.add_unit(empty(), "coat", UNIT)
    for key in (identity.new_key(), last := identity.new_key()):
        document = roster_draft.add_officer(document, "coat", key.card("coat-1"), TODAY, LATER)
    officers = parse_body(roster_draft.body(document)).officers
    assert [officer.recipient for officer in officers] == [last.recipient]


def test_officer_needs_a_unit_and_only_one_who_is_there_can_go():
    with pytest.raises(RosterRefused):
        roster_draft.add_officer(empty(), "nowhere", identity.new_key().card("x"), TODAY, LATER)
    with pytest.raises(RosterRefused):
        roster_draft.remove_officer(empty(), "x")


def test_card_with_another_key_than_its_own_is_refused():
    value = json.loads(identity.new_key().card("coat-1"))
    value["body"]["recipient"] = str(identity.new_key().recipient)
    for card in (signing.canonical(value), b"", b"{}", signing.sign({"ctx": identity.CARD}, DIRECTOR)):
        with pytest.raises(RosterRefused):
            roster_draft.read_card(card)


def test_fingerprints_tell_cards_apart():
    key = identity.new_key()
    prints = [roster_draft.fingerprint(card) for card in (key.card("a"), key.card("b"), identity.new_key().card("a"))]
    assert len(set(prints)) == 3
    assert all([len(group) for group in text.split()] == [8, 8, 8, 8] for text in prints)


def test_only_a_roster_can_be_signed_as_one():
    with pytest.raises(RosterRefused):
        roster_draft.sign(signing.unsigned({"ctx": CTX, "version": 1}), DIRECTOR)
    with pytest.raises(RosterRefused):
        roster_draft.sign(identity.new_key().card("x"), DIRECTOR)


def test_signers_are_told():
    document = roster_draft.sign(empty(), DIRECTOR)
    assert roster_draft.signers(document, [DIRECTOR.public_key()]) == {signing.public_text(DIRECTOR.public_key())}
    assert roster_draft.signers(empty(), [DIRECTOR.public_key()]) == set()
