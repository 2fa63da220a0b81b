"""Reads the pathway's own settings, the countries and a language."""

import re

from voiceskill.core.language import Command, Language
from voiceskill.core.pathway import Country
from voiceskill.core.policy import PersonPolicy, Policy
from voiceskill.loading.table import Table

PERSON_WORDS = ("you", "your", "yours", "yourself")


def read_policy(table: Table) -> Policy:
    """How patiently the conversation is held."""
    policy = Policy(
        no_match_tries=table.whole("no_match_tries", 1, 10),
        no_input_tries=table.whole("no_input_tries", 1, 10),
        silent_questions=table.whole("silent_questions", 1, 50),
        no_input_s=table.number("no_input_s", 1, 120),
        wait_s=table.number("wait_s", 1, 3600),
        max_turn_s=table.number("max_turn_s", 2, 120),
        # Twelve topics and ten questions are the most that a person is asked for (design).
        gate_topics=table.whole("gate_topics", 1, 12),
        differential_questions=table.whole("differential_questions", 0, 10),
        offered_causes=table.whole("offered_causes", 1, 3),
        certain=table.share("certain"),
        tell_least_nats=table.number("tell_least_nats", 0, 5),
        most_questions=table.whole("most_questions", 12, 60, default=60),
        offer_least=table.number("offer_least", 0, 0.5, default=0.0),
    )
    table.close()
    return policy


def read_person(table: Table) -> PersonPolicy:
    """What the opening question decides."""
    person = PersonPolicy(
        question=table.text("question"),
        other=table.texts("other", default=()),
        no_causes=table.texts("no_causes", default=()),
    )
    table.close()
    return person


def read_countries(top: Table) -> dict[str, Country]:
    """The countries by their two letters."""
    countries = {}
    for country_id in top.ids():
        table = top.table(country_id).named("country", country_id)
        if not re.fullmatch("[a-z]{2}", country_id):
            table.problem("", "a country is named by its two letters in lower case (ISO 3166).")
        countries[country_id] = Country(
            id=country_id,
            name=table.text("name"),
            sentences=table.texts("sentences", least=1),
            emergency=table.text("emergency"),
            advice=table.text("advice", ""),
            crisis=table.text("crisis", ""),
            source=table.text("source"),
            checked=table.day("checked"),
        )
        table.close()
    return countries


def read_language(top: Table, tag: str) -> Language:
    """A language: yes, no, commands, numbers, connecting sentences."""
    language = Language(
        tag=tag,
        revision=top.whole("revision", 1, 10_000),
        yes=top.texts("yes", least=1),
        no=top.texts("no", least=1),
        unsure=top.texts("unsure", least=1),
        commands=_commands(top.table("commands")),
        say=_wordings(top.table("say")),
        lists=_lists(top.table("lists", needed=False)),
        units=_numbers(top.table("units", needed=False)),
        rules=_texts(top.table("rules", needed=False)),
        same=_texts(top.table("same", needed=False)),
        fillers=top.texts("fillers", default=()),
        corrections=top.texts("corrections", default=()),
        decoys=top.texts("decoys", default=()),
        persons=_persons(top.table("persons")),
    )
    top.close()
    return language


def _commands(top: Table) -> dict[str, Command]:
    commands = {}
    for command_id in top.ids():
        table = top.table(command_id).named("command", command_id)
        commands[command_id] = Command(
            id=command_id,
            sentences=table.texts("sentences", least=1),
            core=table.texts("core", default=()),
        )
        table.close()
    return commands


def _wordings(table: Table) -> dict[str, tuple[str, ...]]:
    """One text or several; one is short for a list of one."""
    return {
        key: (table.text(key),) if isinstance(table.raw(key), str) else table.texts(key, least=1)
        for key in table.ids()
    }


def _lists(top: Table) -> dict[str, dict[str, float]]:
    return {key: _numbers(top.table(key)) for key in top.ids()}


def _numbers(table: Table) -> dict[str, float]:
    return {key: table.number(key, -1, 1e9) for key in table.ids()}


def _texts(table: Table) -> dict[str, str]:
    return {key: table.text(key) for key in table.ids()}


def _persons(top: Table) -> dict[str, dict[str, str]]:
    persons = {}
    for person in ("self", "other"):
        table = top.table(person)
        persons[person] = {word: table.text(word) for word in PERSON_WORDS}
        table.close()
    top.close()
    return persons
