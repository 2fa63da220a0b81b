"""What a command needs, opened as the settings say: a check, voices, devices and ears.

What is done with them is a front end's; which ears there are is decided in `ear_choice.py`.
"""
# ruff: noqa: PLC0415 each command loads what it needs and no more: `text` begins in half a second

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from voiceskill.config import Settings
from voiceskill.errors import StateError, VoiceskillError

if TYPE_CHECKING:
    from voiceskill.core.dialog import Hears, Turn
    from voiceskill.ear_choice import EarChoice, EarSupply
    from voiceskill.ear_turn import Understanding
    from voiceskill.ears import Ears
    from voiceskill.frontends.voice import Room
    from voiceskill.patients import Patient
    from voiceskill.session import Check

Tell = Callable[[str], None]
"""Takes one sentence for the person, apart from what a command gives."""

PATHWAY = "leg_numbness"
PROGRAM_VOICE, PATIENT_VOICE = "en-gb", "en-us+f3"
"""The demonstration's two voices: nobody shall wonder who speaks."""


class TellingKeeper:
    """The store, for a check that must go on even where nothing can be kept."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        """Name the place; nothing is written yet."""
        from voiceskill.store import Store

        self._store = Store(settings.data_folder)
        self._tell = tell
        self._told = False
        self._is_unreadable = False

    def load(self) -> str | None:
        """The check that was kept, or None; what could not be read once is not tried again.

        Raises:
            StateError: it cannot be read; the next call gives None, for a check that starts anew.
        """
        if self._is_unreadable:
            return None
        try:
            return self._store.load()
        except StateError:
            self._is_unreadable = True
            raise

    def save(self, state_json: str) -> None:
        """Keep this state; where it cannot be kept, that is told once."""
        self._tell_once(lambda: self._store.save(state_json))

    def forget(self) -> None:
        """Keep nothing; where it cannot be deleted, that is told once."""
        self._tell_once(self._store.forget)

    def _tell_once(self, change: Callable[[], None]) -> None:
        try:
            change()
        except StateError as error:
            if not self._told:
                self._tell(str(error))
            self._told = True


def open_check(settings: Settings, hears: "Hears", tell: Tell | None) -> "Check":
    """How a check begins, by the settings.

    Args:
        settings: Language, country, pace, volume, folders, and whether anything is kept.
        hears: How surely this front end hears.
        tell: Told where nothing can be kept; None for a check that nobody goes on with.

    Raises:
        DialogFileError: the dialog folder is wrong.
    """
    from voiceskill.core.state import Hears
    from voiceskill.library import load_skill
    from voiceskill.session import Check

    typed = hears is Hears.TYPED  # reads the first question while the first answer is typed
    folder, language = settings.dialogs, settings.language
    return Check(
        skill=load_skill(folder, pathway=PATHWAY, language=language, warm=not typed),
        country=settings.country,
        hears=hears,
        pace=settings.pace,
        volume=settings.volume,
        keeper=TellingKeeper(settings, tell) if tell is not None and settings.keep else None,
    )


class EarsAtWork:
    """Ears that are opened in a thread of their own while something is spoken."""

    def __init__(self, settings: Settings, tell: Tell, *, is_awaited: bool = True) -> None:
        """Choose and begin to open; what hears, and why, is told once they are ready.

        Args:
            settings: Ears, model, language.
            tell: Told what hears, and why.
            is_awaited: Whether somebody waits for each answer to be heard; where nobody does, a
                careful ear that is slow here, or on a machine that is busy, is kept.

        Raises:
            UsageError: `--ears` or `--model` names something unknown.
            ModelError: what is wanted is missing or damaged.
        """
        self._supply, self.choice = choose(settings)
        if not is_awaited:
            self._supply = replace(self._supply, is_fast_enough=lambda _: True)
        self._is_automatic = settings.ears == "auto"
        self._tell_why: Tell | None = tell
        self._last: Understanding | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="open-ears")
        self._opened: Future[tuple[Ears, EarChoice]] = self._thread.submit(self._open)

    @property
    def hears(self) -> "Hears":
        """How surely the chosen ears hear."""
        from voiceskill.core.dialog import Hears

        chosen = (self.choice.quick, self.choice.careful)
        return Hears.POORLY if chosen == ("pocketsphinx", None) else Hears.WELL

    def ready(self) -> "Ears":
        """The ears, once they are open.

        Raises:
            ModelError: an ear cannot be opened, and there is no other.
        """
        ears, self.choice = self._opened.result()
        if self._tell_why is not None:
            self._tell_why(self.choice.why)
            self._tell_why = None
        return ears

    def is_muted(self) -> bool:
        """Whether the last turn brought exactly nothing: the microphone is switched off."""
        return self._last is not None and self._last.is_muted

    def close(self) -> None:
        """Free the ears; those that are still being opened are freed as soon as they are open."""
        self._opened.add_done_callback(_free)
        self._thread.shutdown(wait=False)

    def _open(self) -> "tuple[Ears, EarChoice]":
        from voiceskill.ear_choice import open_ears

        return open_ears(
            self.choice, self._supply, is_automatic=self._is_automatic, on_turn=self._note
        )

    def _note(self, turn: "Understanding") -> None:
        self._last = turn


def _free(opened: "Future[tuple[Ears, EarChoice]]") -> None:
    if opened.exception() is None:
        opened.result()[0].close()


def choose(settings: Settings) -> "tuple[EarSupply, EarChoice]":
    """What this machine could hear with, and what is chosen by the settings.

    Raises:
        UsageError: `--ears` or `--model` names something unknown.
        ModelError: what is wanted is missing or damaged.
    """
    from platformdirs import user_cache_path

    from voiceskill.ear_choice import choose_ears, survey
    from voiceskill.model_catalogue import load_catalogue
    from voiceskill.model_store import ModelStore

    store = ModelStore(settings.models_folder, load_catalogue())
    supply = survey(
        vosk_model=store.find(settings.language, settings.model),
        language=settings.language,
        cache_folder=user_cache_path("voiceskill", appauthor=False),
    )
    return supply, choose_ears(settings.ears, supply)


def try_ears(settings: Settings) -> str:
    """Open the ears and close them again; which were chosen, and why.

    Raises:
        VoiceskillError: there is nothing to hear with; the message says the remedy.
    """
    with closing(EarsAtWork(settings, lambda _: None)) as ears:
        ears.ready()
        return ears.choice.why


def hold_spoken_check(
    settings: Settings, tell: Tell, *, show: "Callable[[Turn], None]" = lambda _: None
) -> None:
    """Open everything and hold one check by voice.

    Args:
        settings: Devices, voice, ears, and what is kept.
        tell: Told which ears hear, and what goes wrong beside the conversation.
        show: Called with each turn before it is spoken.

    Raises:
        MissingError: a device, a voice or an ear is missing, or a device vanished.
    """
    from voiceskill.frontends.voice import run_voice

    with ExitStack() as opened:
        ears = opened.enter_context(closing(EarsAtWork(settings, tell)))
        room = _open_room(settings, ears, opened)
        check = open_check(settings, ears.hears, tell)
        try:
            run_voice(check, room, show=show)
        except StateError as error:
            tell(str(error))
            _say_aloud(room, str(error), check)
            run_voice(check, room, show=show)


def play_demo(settings: Settings, *, case: str | None, folder: Path, tell: Tell) -> None:
    """Play the check of a synthetic patient; what was said and heard goes to stdout.

    Args:
        settings: Voice, ears, country, dialogs.
        case: The patient's id; None: the first one.
        folder: Gets the recording, the text and the outcome.
        tell: Told which ears hear, and where the outcome is.

    Raises:
        UsageError: there is no such patient.
        MissingError: a voice or an ear is missing.
        VoiceskillError: the check came to another urgency than this patient should have.
    """
    from voiceskill.frontends.demo import Cast, run_demo
    from voiceskill.tts.pyttsx3 import open_voice

    patient = _patient(settings, case)
    with ExitStack() as opened:
        ears = opened.enter_context(closing(EarsAtWork(settings, tell, is_awaited=False)))
        check = open_check(settings, ears.hears, None)
        program = open_voice(voice=settings.voice or PROGRAM_VOICE, language=settings.language)
        cast = Cast(
            program=opened.enter_context(closing(program)),
            patient=opened.enter_context(closing(open_voice(voice=PATIENT_VOICE, language="en"))),
            hearing=ears.ready,
        )
        last = run_demo(check, patient, cast=cast, folder=folder, out=sys.stdout)
    assessment = last.finish.assessment if last.finish else None
    urgency = assessment.urgency if assessment else None
    if urgency is not patient.urgency:
        raise VoiceskillError(
            f"The check of {patient.id} came to {_named(urgency)} and should have come to "
            f"{_named(patient.urgency)}; listen to {folder / 'conversation.wav'}."
        )
    tell(f"The sound and the words are in {folder}. Run `voiceskill` next: it asks you.")


def hear_recordings(
    settings: Settings, paths: Sequence[Path], *, question: str, tell: Tell
) -> bool:
    """Print what recordings mean as the answer to a question.

    Returns:
        False where one of them could not be read; which, and why, was told.

    Raises:
        UsageError: there is no such question.
        ModelError: there is nothing to hear with.
    """
    from voiceskill.frontends.recordings import ask, run_hear
    from voiceskill.library import load_skill

    skill = load_skill(settings.dialogs, pathway=PATHWAY, language=settings.language)
    questioned = ask(skill, question)
    with closing(EarsAtWork(settings, tell, is_awaited=False)) as ears:
        return run_hear(questioned, paths, ears=ears.ready(), out=sys.stdout, tell=tell)


def _open_room(settings: Settings, ears: EarsAtWork, opened: ExitStack) -> "Room":
    from voiceskill.audio.portaudio import PortAudioLoudspeaker, PortAudioMicrophone
    from voiceskill.frontends.voice import Room
    from voiceskill.tts.pyttsx3 import open_voice

    voice = open_voice(voice=settings.voice, language=settings.language)
    loudspeaker = opened.enter_context(closing(PortAudioLoudspeaker(name=settings.loudspeaker)))
    microphone = opened.enter_context(closing(PortAudioMicrophone(name=settings.microphone)))
    return Room(
        voice=opened.enter_context(closing(voice)),
        loudspeaker=loudspeaker,
        microphone=microphone,
        hearing=ears.ready,
        is_muted=ears.is_muted,
        hears_poorly=lambda: ears.ready().hears_poorly,
    )


def _say_aloud(room: "Room", text: str, check: "Check") -> None:
    from voiceskill.core.events import Say
    from voiceskill.spoken import SpokenSpeaker

    speaker = SpokenSpeaker(voice=room.voice, loudspeaker=room.loudspeaker)
    speaker.say(Say(sentences=(text,), pace=check.pace, volume=check.volume), None)


def _patient(settings: Settings, case: str | None) -> "Patient":
    from voiceskill.library import dialogs_folder
    from voiceskill.patients import find_patient, load_patients

    patients = load_patients((settings.dialogs or dialogs_folder()) / PATHWAY / "patients.toml")
    return find_patient(patients, case if case is not None else next(iter(patients)))


def _named(urgency: object) -> str:
    return getattr(urgency, "key", "no urgency")
