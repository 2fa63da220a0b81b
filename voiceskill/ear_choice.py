"""Which ears hear on this machine, and why: said in one sentence that is never hidden.

How they hear together is in `ears.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from voiceskill.audio.endpoint import open_detector
from voiceskill.ear_turn import Understanding
from voiceskill.ears import Ears
from voiceskill.errors import MissingError, ModelError, UsageError
from voiceskill.stt import Recognizer, Scorer

QUICK = ("vosk", "pocketsphinx")
"""The ears that stream, best first."""
CAREFUL = ("moonshine",)
"""The ears that score a whole turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarSupply:
    """What this machine could hear with."""

    quick: Mapping[str, Callable[[], Recognizer]]
    """Opens each ear that is there, by name."""
    careful: Mapping[str, Callable[[], Scorer]]
    is_fast_enough: Callable[[Scorer], bool] = lambda _: True
    """Whether an opened careful ear answers soon enough here."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """For each ear that is not there, why, and what to do: a clause that ends a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarChoice:
    """The ears that were chosen."""

    quick: str | None
    careful: str | None
    why: str
    """One or two sentences for a person: what hears, and what would hear better."""


def choose_ears(wanted: str, supply: EarSupply) -> EarChoice:
    """Choose by `--ears`: `auto`, or one or two names joined by `+`.

    `auto` takes the best quick ear that is there, and the careful one where it is there.

    Raises:
        UsageError: a name is unknown, or two ears of one kind are wanted.
        ModelError: a wanted ear is not there, or with `auto` none at all.
    """
    names = _auto(supply) if wanted == "auto" else _named(wanted, supply)
    quick = next((name for name in names if name in QUICK), None)
    careful = next((name for name in names if name in CAREFUL), None)
    better = "" if wanted != "auto" else _what_is_missing(names, supply)
    return EarChoice(quick=quick, careful=careful, why=f"It hears with {_said(names)}.{better}")


def open_ears(
    choice: EarChoice,
    supply: EarSupply,
    *,
    is_automatic: bool = True,
    on_turn: Callable[[Understanding], None] = lambda _: None,
) -> tuple[Ears, EarChoice]:
    """Open the chosen ears; return them with what was chosen in the end.

    Args:
        choice: From `choose_ears`.
        supply: The same supply.
        is_automatic: A careful ear that is damaged or too slow here is left out, and why is said;
            False: the person asked for it by name, so it is used, or its error raised.
        on_turn: Told what came of each turn.

    Raises:
        ModelError: an ear cannot be opened, and there is no other.
    """
    careful, trouble = _open_careful(choice, supply, is_automatic=is_automatic)
    opener = None if choice.quick is None else supply.quick[choice.quick]
    ears = Ears(
        quick=None if opener is None else opener(),
        careful=careful,
        detector=open_detector(),
        reopen_quick=opener,
        on_turn=on_turn,
    )
    if not trouble:
        return ears, choice
    why = f"It hears with {_said(ears.names)}, {trouble}."
    return ears, EarChoice(quick=choice.quick, careful=None, why=why)


def survey(*, vosk_model: Path | None, language: str, cache_folder: Path) -> EarSupply:
    """What is installed here; nothing is loaded yet.

    Args:
        vosk_model: The folder of a verified Vosk model of the language; None: there is none.
        language: Its tag; the built-in ears hear English alone.
        cache_folder: Where the careful ear keeps its quick form, about 100 MB.
    """
    quick: dict[str, Callable[[], Recognizer]] = {}
    careful: dict[str, Callable[[], Scorer]] = {}
    missing = {}
    if vosk_model is None:
        missing["vosk"] = f"its model is fetched with: voiceskill models get {language}"
    else:
        quick["vosk"] = lambda: _vosk(vosk_model, language)
    if language.partition("-")[0] != "en":
        missing |= dict.fromkeys(("pocketsphinx", *CAREFUL), "it hears English alone")
        return EarSupply(quick=quick, careful=careful, missing=missing)
    quick["pocketsphinx"] = lambda: _pocketsphinx(with_margin=not careful)
    if _has_moonshine():
        careful["moonshine"] = lambda: _moonshine(cache_folder)
    else:
        missing["moonshine"] = "its data has no package for this kind of machine"
    return EarSupply(quick=quick, careful=careful, is_fast_enough=_is_fast, missing=missing)


def _auto(supply: EarSupply) -> tuple[str, ...]:
    quick = [name for name in QUICK if name in supply.quick][:1]
    careful = [name for name in CAREFUL if name in supply.careful]
    if not quick and not careful:
        raise ModelError(
            "This machine has nothing to hear with, so the check cannot be spoken; type it with "
            f"`voiceskill text`, or add an ear: {_reasons((*QUICK, *CAREFUL), supply)}"
        )
    return (*quick, *careful)


def _named(wanted: str, supply: EarSupply) -> tuple[str, ...]:
    names = tuple(wanted.split("+"))
    for name in names:
        if name not in (*QUICK, *CAREFUL):
            raise UsageError(
                f'There is no ear "{name}"; --ears takes auto, or {", ".join((*QUICK, *CAREFUL))}, '
                "or one of the first two joined by + with the last"
            )
    for kind in (QUICK, CAREFUL):
        if len([name for name in names if name in kind]) > 1:
            raise UsageError(
                f"--ears {wanted} asks for two ears of one kind; join one of {', '.join(QUICK)} "
                f"with {', '.join(CAREFUL)}"
            )
    for name in names:
        if name not in supply.quick and name not in supply.careful:
            raise ModelError(
                f"--ears {wanted} asks for {name}, which is not here: {_reasons((name,), supply)}. "
                "Leave --ears out to use what there is"
            )
    return names


def _open_careful(
    choice: EarChoice, supply: EarSupply, *, is_automatic: bool
) -> tuple[Scorer | None, str]:
    """The careful ear, or why it is left out (a clause)."""
    if choice.careful is None:
        return None, ""
    try:
        careful = supply.careful[choice.careful]()
    except MissingError as error:
        if not is_automatic or choice.quick is None:
            raise
        return None, f"since {choice.careful} cannot be opened ({error})"
    if is_automatic and choice.quick is not None and not supply.is_fast_enough(careful):
        careful.close()
        return None, f"since {choice.careful} is too slow on this machine"
    return careful, ""


def _what_is_missing(names: tuple[str, ...], supply: EarSupply) -> str:
    """What would hear better, as a sentence with a space before it."""
    wanted = [name for name in (QUICK[0], *CAREFUL) if name not in names and name in supply.missing]
    return f" Not used: {_reasons(tuple(wanted), supply)}." if wanted else ""


def _reasons(names: tuple[str, ...], supply: EarSupply) -> str:
    return "; ".join(f"{name} ({supply.missing.get(name, 'not installed')})" for name in names)


def _said(names: tuple[str, ...]) -> str:
    if names == ("pocketsphinx",):
        return "pocketsphinx alone, so every answer is read back"
    return " and ".join(names)


def _has_moonshine() -> bool:
    return find_spec("moonshine_cpp") is not None and find_spec("onnxruntime") is not None


def _is_fast(careful: Scorer) -> bool:
    from voiceskill.stt.moonshine import MoonshineScorer  # noqa: PLC0415  (loads the ear)

    return not isinstance(careful, MoonshineScorer) or careful.is_fast_enough()


def _vosk(folder: Path, language: str) -> Recognizer:
    from voiceskill.stt.vosk import open_vosk  # noqa: PLC0415  (loads Vosk)

    return open_vosk(folder, language=language)


def _pocketsphinx(*, with_margin: bool) -> Recognizer:
    from voiceskill.stt.pocketsphinx import open_pocketsphinx  # noqa: PLC0415

    return open_pocketsphinx(measure_margin=with_margin)


def _moonshine(cache_folder: Path) -> Scorer:
    from voiceskill.stt.moonshine import open_moonshine  # noqa: PLC0415  (loads the ear)

    return open_moonshine(cache_dir=cache_folder)
