"""Drafts that the tests of report, HTCDS and routing share. Every word in them is made up."""

from __future__ import annotations

import dataclasses

from bot.draft import Answer, Attachment, Draft, Said

AT = "2026-11-25T14:03:22+00:00"
EARLIER = "2026-11-25T14:01:59+00:00"
LATER = "2026-11-25T15:20:00+01:00"


def answer(value: str | tuple[str, ...], *words: str) -> Answer:
    return Answer(value, AT, "es", words)


EXPLOITED = Draft(
    report_id="0123456789abcdef0123456789abcdef",
    cause="complete",
    started=EARLIER,
    filed=LATER,
    channel="telegram",
    address="777001",
    language="es",
    practice=False,
    placement="7K3M9",
    place="Avianca A320",
    route="BOG-MAD",
    destination="ES",
    answers={
        "safe": answer("ready"),
        "age": answer("adult"),
        "situation": answer("there"),
        "country": answer("ES", "españa"),
        "consent": answer("share"),
        "Q2": answer("yes", "si, todo lo del pasaje"),
        "Q3": answer("yes"),
        "Q4": answer("not_sure"),
        "Q5": answer("skipped"),
        "Q6": answer("yes"),
        "Q6_what": answer(("hurt", "family")),
        "Q7": answer("both"),
        "Q8": answer("no"),
        "Q9": answer(("sexual", "other")),
        "story": answer("given"),
        "N1": answer("person"),
        "N2": answer("here"),
        "N2_when": answer("given", "de nueve a once, hora de Madrid"),
        "N2_words": answer("given", "hola, por lo de la entrega"),
    },
    story=(
        Said("llegué en octubre", AT, "es", "story"),
        Said("40.4168,-3.7038", AT, "es", "story", "location"),
        Said("llegué en septiembre", AT, "es", "story", "edited"),
    ),
    attachments=(Attachment("att/1.jpg", "image/jpeg", 48123, AT, True),),
)

DANGER = Draft(
    report_id="ff" * 16, cause="danger", started=EARLIER, filed=AT, channel="sms", address="+573000000000",
    language="es", practice=True, story=(Said("está aquí", AT, "es"),), urgent=("danger_now",),
)  # fmt: skip

TRAVELLING_MINOR = dataclasses.replace(
    EXPLOITED,
    report_id="ab" * 16,
    citizenship=("VE", "CO"),
    answers={
        "age": answer("minor"), "situation": answer("other"), "their_situation": answer("travelling"),
        "country": answer("skipped"), "consent": answer("anonymous"), "Q1": answer("false"), "Q4": answer("yes"),
        "Q5": answer("yes"), "Q9": answer(("home", "crime")), "Q10": answer("no"), "N2": answer("here"),
    },
    story=(), attachments=(), follows="0123456789abcdef0123456789abcdef",
)  # fmt: skip

# Who told no country, and was told in the consent text that the prosecutors of the card's destination may get it.
BOUND = dataclasses.replace(
    EXPLOITED, presumed="ES", answers={**EXPLOITED.answers, "country": answer("skipped", "prefiero no decir")}
)

# Whoever chose readers, and told everything that may be told of a way to make contact.
SHARING = dataclasses.replace(
    EXPLOITED,
    flags=("distress",),
    answers={
        **EXPLOITED.answers, "agencies": answer(("prosecution", "consulate")), "reentry": answer("given"),
        "arrival": answer("not_sure"), "official": answer("yes"), "citizenship": answer("VE", "venezolana"),
        "country": answer("DO"), "N2": answer("other"),
        "N2_how": Answer("given", AT, "es", ("mi celular 809 555 0100",), ("+18095550100",)),
        "N2_other": answer("given", "que es de la panadería"),
    },
)  # fmt: skip

ALL = (EXPLOITED, DANGER, TRAVELLING_MINOR, BOUND, SHARING)
