"""A pathway of nine questions, small enough to see through, in the real connecting sentences."""

from dataclasses import replace
from datetime import date

from voiceskill.core.assessment import Urgency
from voiceskill.core.language import Command
from voiceskill.core.pathway import (
    Cause,
    Condition,
    Country,
    Evidence,
    Finding,
    Kind,
    Option,
    Part,
    Pathway,
    Question,
    SeenIn,
    Source,
    Statement,
    Test,
    TierWords,
    UrgencyRule,
)
from voiceskill.core.policy import PersonPolicy, Policy
from voiceskill.core.skill import Skill
from voiceskill.library import load_pathway
from voiceskill.testing import ExactGrammar

TODAY = date(2026, 11, 1)


def when(question, *values, **bounds):
    return Condition(all_of=(Test(question=question, is_any=values, **bounds),))


def options(question, words):
    return tuple(
        Option(id=key, say=key, said=f"{question} is {key}", sentences=(key, f"it is {key}"))
        for key in words
    )


def question(id_, part=Part.GATE, kind=Kind.YES_NO, words=("yes", "no"), **more):
    gate = part is Part.GATE
    defaults = {
        "topic": id_,
        "ask": f"What about {{your}} {id_}?",
        "again": (f"How is {{your}} {id_}?", f"Please tell me about {{your}} {id_}."),
        "help": f"I mean {{your}} {id_}.",
        "because": f"The {id_} tells me much.",
        "about": f"{{your}} {id_}",
        "also_called": (f"the {id_}",),
        "unsure_tier": Urgency.SAME_DAY if gate else None,
        "source": "made_up",
        "revision": 1,
        "options": options(f"{{your}} {id_}", words),
    }
    return Question(id=id_, part=part, kind=kind, **{**defaults, **more})


def amount(id_, kind, most):
    return question(
        id_,
        Part.DIFFERENTIAL,
        kind,
        words=(),
        said=f"{{your}} {id_} is {{value}}",
        minimum=0.0,
        maximum=most,
        out_of_range=f"{id_} goes up to one hundred.",
    )


QUESTIONS = (
    question("who", Part.OPENING, Kind.CHOICE, ("me", "friend", "kid")),
    question("hat"),
    question(
        "colour",
        topic="hat",
        kind=Kind.CHOICE,
        words=("red", "green"),
        ask_when=when("hat", "yes"),
        unsure_tier=Urgency.EMERGENCY,
    ),
    question("coat"),
    question("shoe", skippable=True),
    question("side", Part.DIFFERENTIAL, Kind.CHOICE, ("left", "right")),
    question("sock", Part.DIFFERENTIAL, Kind.SEVERAL, ("wool", "silk")),
    amount("age", Kind.AGE, 100.0),
    amount("wear", Kind.DURATION, 100.0),
)


def finding(id_, condition):
    return Finding(
        id=id_,
        when=condition,
        usual=Evidence(rate=0.3, source="assumption"),
        group=id_,
        said=f"it is {id_}",
        said_not=f"it is not {id_}",
    )


def cause(id_, **rates):
    return Cause(
        id=id_,
        name=f"a {id_}",
        what=f"The {id_} is tight.",
        prior_per_1000=100.0,
        prior_source="assumption",
        seen_in=tuple(SeenIn(finding=f, rate=r, source="assumption") for f, r in rates.items()),
        advice=(f"Loosen the {id_}.",),
        worse_if=(f"If the {id_} gets tighter, see a tailor.",),
        options=("A tailor may offer a wider one.",),
        icd10="Z00",
        sources=("made_up",),
        last_reviewed=TODAY,
        cases=(),
    )


def rule(id_, urgency, condition, reason):
    return UrgencyRule(
        id=id_,
        urgency=urgency,
        when=condition,
        reason=reason,
        do=(f"Take {id_} with {{you}}.",),
        source="made_up",
        last_reviewed=TODAY,
    )


def statement(id_, answers=None, path=""):
    words = (f"{id_} now",)
    return Statement(
        id=id_, sentences=words, core=words, answers=answers or {}, path=path, said=f"{id_} is on"
    )


def tier(name):
    return TierWords(verdict=f"This is {name}.", do=(f"Do what {name} needs.",), watch=())


def tiny_pathway():
    """The pathway, with the connecting sentences of the real English."""
    real = load_pathway().language
    plain = {
        key: Command(id=key, sentences=(), core=(key.replace("_", " "),)) for key in real.commands
    }
    language = replace(real, yes=("yes",), no=("no",), unsure=("i don't know",), commands=plain)
    return Pathway(
        id="tiny",
        revision=3,
        title="clothes",
        policy=Policy(
            no_match_tries=2,
            no_input_tries=2,
            silent_questions=3,
            no_input_s=8.0,
            wait_s=60.0,
            max_turn_s=12.0,
            gate_topics=12,
            differential_questions=10,
            offered_causes=3,
            certain=0.99,
            tell_least_nats=0.0001,
        ),
        person=PersonPolicy(question="who", other=("friend", "kid"), no_causes=("kid",)),
        questions={one.id: one for one in QUESTIONS},
        statements=(
            statement("fire", path="emergency"),
            statement("gloom", path="crisis"),
            statement("hood", {"hat": "yes", "colour": "red"}),
        ),
        findings={
            "left": finding("left", when("side", "left")),
            "wool": finding("wool", when("sock", "wool")),
            "old": finding("old", when("age", at_least=50.0)),
            "worn": finding("worn", when("wear", at_least=30.0)),
        },
        causes={
            "belt": cause("belt", left=0.9, wool=0.2, old=0.5),
            "boot": cause("boot", left=0.1, wool=0.9, worn=0.9),
        },
        rules=(
            rule("red_hat", Urgency.EMERGENCY, when("colour", "red"), "the hat is red"),
            rule("open_coat", Urgency.SAME_DAY, when("coat", "yes"), "the coat is open"),
            rule("lost_shoe", Urgency.CLINICIAN, when("shoe", "yes"), "a shoe is lost"),
        ),
        tiers={urgency: tier(urgency.key.replace("_", " ")) for urgency in Urgency},
        safety_net=("If it gets tighter, get help.",),
        emergency=("Call {number} at once.", "Stay where {you} are."),
        crisis=("Talk to somebody: call {number}.",),
        language=language,
        countries={
            "gb": Country(
                id="gb",
                name="Britain",
                sentences=("britain",),
                emergency="nine, nine, nine",
                advice="",
                crisis="one, one, six",
                source="made_up",
                checked=TODAY,
            )
        },
        sources={"made_up": Source(id="made_up", kind="data", citation="none", checked=TODAY)},
    )


def tiny_skill(**extra):
    """The skill of it; `extra` maps further texts, their spaces as `_`, to meanings."""
    pathway = tiny_pathway()
    texts = {text.replace("_", " "): meaning for text, meaning in extra.items()}
    return Skill(pathway=pathway, grammar=ExactGrammar(pathway, texts))
