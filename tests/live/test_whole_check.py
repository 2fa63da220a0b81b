"""A whole check through the sound card: what a person in the room says and hears."""

from importlib.util import find_spec

import pytest
from platformdirs import user_cache_path
from spoken_patient import SpokenPatient
from virtual_card import HEAR_RATE_HZ

from voiceskill.audio import AudioChunk
from voiceskill.audio.resample import resample
from voiceskill.library import dialogs_folder
from voiceskill.patients import load_patients
from voiceskill.stt.moonshine import open_moonshine

PATIENTS = load_patients(dialogs_folder() / "leg_numbness" / "patients.toml")
WINDOW_S = 8.0


def heard_after(patient, at_s):
    """What the loudspeaker played from that moment on, recognised again, window by window."""
    if find_spec("moonshine_cpp") is None:
        pytest.skip("the words are read by the careful ear, which has no package here")
    ear = open_moonshine(cache_dir=user_cache_path("voiceskill", appauthor=False))
    pcm = b"".join(data for arrived_s, data in patient.heard.arrivals if arrived_s >= at_s)
    pcm = pcm[: len(pcm) // 2 * 2]
    size = 2 * int(WINDOW_S * HEAR_RATE_HZ)
    texts = []
    for at in range(0, len(pcm), size):
        piece = AudioChunk(pcm=pcm[at : at + size], rate_hz=HEAR_RATE_HZ)
        if piece.duration_s > 0.5:
            texts.append(ear.transcribe(ear.encode(resample(piece, 16_000))))
    ear.close()
    return " ".join(texts).lower()


@pytest.mark.timeout(300)
def test_an_emergency_told_aloud_is_answered_aloud(sound_card, tmp_path):
    """Somebody who says that the saddle is newly numb hears, from the loudspeaker, whom to call."""
    patient = SpokenPatient(sound_card, PATIENTS["cauda_equina"])

    patient.talk({"keep": "no", "country": "gb", "pace": "1.4", "data": str(tmp_path)}, limit_s=240)

    advice = next(turn for turn in patient.turns if turn.get("purpose") == "advised")
    words = heard_after(patient, advice["at_s"])
    assert "emergency" in words
    assert "call" in words
    assert patient.turns[-1]["done"]
    assert patient.turns[-1]["urgency"] == "emergency"
    assert patient.program.returncode == 0


@pytest.mark.long
@pytest.mark.timeout(300)
def test_nobody_there_is_no_reason_to_talk_forever(sound_card, tmp_path):
    """In a silent room the check ends by itself, kindly, and without a tier."""
    patient = SpokenPatient(sound_card, PATIENTS["silent"])

    patient.talk({"keep": "no", "pace": "1.4", "data": str(tmp_path)}, limit_s=240)

    assert patient.turns[-1]["done"]
    assert "urgency" not in patient.turns[-1]
    assert patient.program.returncode == 0
