"""Opens what a command needs, by the settings, and hands it to the command's front end.

What the front ends do with it is theirs. Nothing is loaded before it is needed: the ears open in
a thread of their own while the greeting is spoken.
"""
# ruff: noqa: PLC0415 each command loads what it needs and no more

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from voiceskill.config import Settings
from voiceskill.core.dialog import Hears
from voiceskill.ear_choice import EarChoice, EarSupply, choose_ears, open_ears, survey
from voiceskill.ears import Ears, Understanding
from voiceskill.opening import Tell, open_check

PROGRAM_VOICE, PATIENT_VOICE = "en-gb", "en-us+f3"
"""The demonstration's two voices: nobody shall wonder who speaks."""


@dataclass(slots=True, kw_only=True)
class OpeningEars:
    """Ears that are being opened in a thread."""

    supply: EarSupply
    choice: EarChoice
    is_automatic: bool
    last: Understanding | None = None
    """What came of the last turn."""
    _opened: Future[tuple[Ears, EarChoice]] = field(init=False)

    def begin(self) -> None:
        """Start to open them."""
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opening-ears")
        self._opened = worker.submit(self._open)
        worker.shutdown(wait=False)

    def ready(self) -> Ears:
        """The ears, once they are open.

        Raises:
            ModelError: they cannot be opened.
        """
        return self._opened.result()[0]

    def hears(self) -> Hears:
        """How surely they will hear."""
        poorly = self.choice.careful is None and self.choice.quick == "pocketsphinx"
        return Hears.POORLY if poorly else Hears.WELL

    def is_muted(self) -> bool:
        """Whether the last turn brought exactly nothing."""
        return self.last is not None and self.last.is_muted

    def close(self) -> None:
        """Free them."""
        if self._opened.exception() is None:
            self.ready().close()

    def _open(self) -> tuple[Ears, EarChoice]:
        return open_ears(
            self.choice, self.supply, is_automatic=self.is_automatic, on_turn=self._note
        )

    def _note(self, understanding: Understanding) -> None:
        self.last = understanding


@contextmanager
def opening_ears(settings: Settings) -> Iterator[OpeningEars]:
    """Choose the ears and open them in a thread; they are closed at the end.

    Raises:
        ModelError: a wanted ear is not there, or its model is damaged.
        UsageError: there is no ear of that name.
    """
    from platformdirs import user_cache_path

    from voiceskill.model_catalogue import load_catalogue
    from voiceskill.model_store import ModelStore

    store = ModelStore(settings.models_folder, load_catalogue())
    supply = survey(
        vosk_model=store.find(settings.language, settings.model),
        language=settings.language,
        cache_folder=user_cache_path("voiceskill", appauthor=False),
    )
    choice = choose_ears(settings.ears, supply)
    opening = OpeningEars(supply=supply, choice=choice, is_automatic=settings.ears == "auto")
    opening.begin()
    with closing(opening):
        yield opening


def hold_spoken_check(settings: Settings, tell: Tell) -> int:
    """Hold a check by voice on this machine's own devices.

    Raises:
        MissingError: a device, a voice or a model is not there.
    """
    from voiceskill.audio.portaudio import PortAudioLoudspeaker, PortAudioMicrophone
    from voiceskill.errors import StateError
    from voiceskill.frontends.voice import Room, run_voice
    from voiceskill.tts.pyttsx3 import open_voice

    with (
        closing(PortAudioLoudspeaker(name=settings.loudspeaker)) as loudspeaker,
        closing(PortAudioMicrophone(name=settings.microphone)) as microphone,
        closing(open_voice(voice=settings.voice, language=settings.language)) as voice,
        opening_ears(settings) as ears,
    ):
        tell(ears.choice.why)
        room = Room(
            voice=voice,
            loudspeaker=loudspeaker,
            microphone=microphone,
            hearing=ears.ready,
            is_muted=ears.is_muted,
        )
        try:
            run_voice(open_check(settings, ears.hears(), tell=tell), room)
        except StateError as error:
            tell(str(error))
            run_voice(open_check(settings, ears.hears(), tell=tell), room)
    return 0


def play_demo(
    settings: Settings,
    *,
    case: str | None,
    folder: Path,
    tell: Tell,
) -> None:
    """Play a synthetic patient's check; `case` None takes the first patient.

    Raises:
        UsageError: there is no such patient.
        MissingError: a voice or a model is not there.
    """
    from voiceskill.frontends.demo import Cast, run_demo
    from voiceskill.library import dialogs_folder
    from voiceskill.patients import find_patient, load_patients
    from voiceskill.tts.pyttsx3 import open_voice

    home = (settings.dialogs or dialogs_folder()) / "leg_numbness"
    patients = load_patients(home / "patients.toml")
    patient = find_patient(patients, case or next(iter(patients)))
    with opening_ears(settings) as ears:
        tell(ears.choice.why)
        cast = Cast(
            program=open_voice(voice=settings.voice or PROGRAM_VOICE, language=settings.language),
            patient=open_voice(voice=PATIENT_VOICE, language=settings.language),
            hearing=ears.ready,
        )
        check = open_check(settings, ears.hears(), tell=tell, kept=False)
        run_demo(check, patient, cast=cast, folder=folder, out=sys.stdout)
    tell(f"The sound and the words are in {folder}. Run `voiceskill` next: it asks you.")


def hear_recordings(settings: Settings, paths: Sequence[Path], *, question: str, tell: Tell) -> int:
    """Print what recordings mean as the answer to a question.

    Raises:
        UsageError: there is no such question.
        ModelError: there is nothing to hear with.
        SoundFileError: a recording cannot be read.
    """
    from voiceskill.frontends.recordings import ask, run_hear
    from voiceskill.library import load_skill

    questioned = ask(load_skill(settings.dialogs, language=settings.language), question)
    with opening_ears(settings) as ears:
        tell(ears.choice.why)
        run_hear(questioned, paths, ears=ears.ready(), out=sys.stdout)
    return 0
