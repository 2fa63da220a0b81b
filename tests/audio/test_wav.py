"""Which recordings can be read, and what is said about those that cannot."""

import contextlib
import io
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.audio.wav import LONGEST_S, read_sound, write_wav
from voiceskill.errors import SoundFileError


def tone(rate_hz, *, hz=440.0, seconds=0.5, share=0.5):
    return share * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def samples_of(sound):
    return np.frombuffer(sound.pcm, "<i2").astype(float) / 32768


def loudest_hz(sound):
    spectrum = np.abs(np.fft.rfft(samples_of(sound)))
    return spectrum.argmax() * sound.rate_hz / (len(sound.pcm) / 2)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("wav", "PCM_U8"),
        ("wav", "PCM_16"),
        ("wav", "PCM_24"),
        ("wav", "PCM_32"),
        ("wav", "FLOAT"),
        ("wav", "DOUBLE"),
        ("flac", "PCM_16"),
        ("flac", "PCM_24"),
        ("ogg", "VORBIS"),
        ("aiff", "PCM_16"),
    ],
)
def test_every_usual_recording_is_heard_alike(tmp_path, kind, subtype, rate_hz, channels):
    """Whatever rate, width and channels, the same tone comes out mono at 16 kHz."""
    path = tmp_path / f"answer.{kind}"
    soundfile.write(path, np.stack([tone(rate_hz)] * channels, axis=1), rate_hz, subtype=subtype)

    sound = read_sound(path)

    assert sound.rate_hz == 16000
    assert sound.duration_s == pytest.approx(0.5, abs=0.002)
    assert loudest_hz(sound) == pytest.approx(440, abs=3)
    assert samples_of(sound).std() == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_a_recording_of_the_right_kind_is_taken_bit_by_bit(tmp_path):
    """16-bit mono sound at 16 kHz passes unchanged, the loudest samples as well."""
    given_samples = np.arange(-32768, 32768, dtype="<i2")
    soundfile.write(tmp_path / "all.wav", given_samples, 16000)

    assert read_sound(tmp_path / "all.wav").pcm == given_samples.tobytes()


def test_another_rate_can_be_asked_for(tmp_path):
    """An ear that hears at 8 kHz gets 8 kHz."""
    soundfile.write(tmp_path / "a.wav", tone(48000), 48000)

    assert read_sound(tmp_path / "a.wav", rate_hz=8000).rate_hz == 8000
    assert loudest_hz(read_sound(tmp_path / "a.wav", rate_hz=8000)) == pytest.approx(440, abs=3)


def test_what_an_ear_could_not_take_at_16_khz_is_not_folded_into_it(tmp_path):
    """A whistle of 12 kHz is silence at 16 kHz, not another tone."""
    soundfile.write(tmp_path / "whistle.wav", tone(48000, hz=12000), 48000)

    assert samples_of(read_sound(tmp_path / "whistle.wav"))[500:-500].std() < 0.001


def test_a_voice_on_one_channel_of_two_is_heard(tmp_path):
    """A headset that records on the left only is heard, at half the level."""
    left_only = np.stack([tone(16000), np.zeros(8000)], axis=1)
    soundfile.write(tmp_path / "left.wav", left_only, 16000)

    assert loudest_hz(read_sound(tmp_path / "left.wav")) == pytest.approx(440, abs=3)


def test_samples_that_are_no_numbers_become_silence(tmp_path):
    """NaN and infinity in a float file, which would kill a recogniser, are silence."""
    samples = tone(16000)
    samples[100:110], samples[200], samples[300] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "odd.wav", samples, 16000, subtype="FLOAT")

    heard = samples_of(read_sound(tmp_path / "odd.wav"))

    assert not heard[100:110].any()
    assert not heard[[200, 300]].any()


def test_float_sound_beyond_full_scale_is_clipped_and_not_turned_over(tmp_path):
    """A too loud recording stays on its side of zero."""
    soundfile.write(tmp_path / "loud.wav", np.array([3.0, -3.0] * 100), 16000, subtype="FLOAT")

    assert set(samples_of(read_sound(tmp_path / "loud.wav"))) == {32767 / 32768, -1.0}


def test_the_content_decides_and_not_the_name(tmp_path):
    """A wav file called .raw, .txt or nothing is read as the wav it is."""
    for name in ("answer.raw", "answer.txt", "answer"):
        with (tmp_path / name).open("wb") as file:
            soundfile.write(file, tone(16000), 16000, format="WAV")

        assert read_sound(tmp_path / name).duration_s == 0.5


def test_a_truncated_recording_is_heard_as_far_as_it_goes(tmp_path):
    """Half a file, with a header that promises the whole, gives half of the sound."""
    whole = io.BytesIO()
    soundfile.write(whole, tone(16000), 16000, format="WAV")
    (tmp_path / "half.wav").write_bytes(whole.getvalue()[: 44 + 8000])

    assert read_sound(tmp_path / "half.wav").duration_s == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.wav", b"", "the file is empty"),
        ("note.wav", b"yes, it is numb\n" * 50, "not a sound file"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "not a sound file"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVE", "not a sound file"),
        ("noise.raw", bytes(range(256)) * 40, "not a sound file"),
    ],
)
def test_what_is_no_sound_is_refused_by_name(tmp_path, name, content, message):
    """A file that is not sound is one sentence that names it."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(SoundFileError, match=message) as refusal:
        read_sound(tmp_path / name)

    assert name in str(refusal.value)
    assert refusal.value.exit_code == 1


def test_a_recording_without_samples_is_refused(tmp_path):
    """A right header with nothing after it holds no answer."""
    soundfile.write(tmp_path / "nothing.wav", np.zeros(0), 16000)

    with pytest.raises(SoundFileError, match="holds no sound"):
        read_sound(tmp_path / "nothing.wav")


def test_a_recording_of_hours_is_refused(tmp_path):
    """What lasts longer than ten minutes is no answer, and is not loaded whole."""
    with wave.open(str(tmp_path / "lecture.wav"), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(2 * 8000 * (LONGEST_S + 1)))

    with pytest.raises(SoundFileError, match="longer than 10 minutes"):
        read_sound(tmp_path / "lecture.wav")


def test_missing_files_and_folders_are_refused(tmp_path):
    """A name that leads to no file says so, and a folder is called a folder."""
    with pytest.raises(SoundFileError, match="cannot be opened"):
        read_sound(tmp_path / "nowhere.wav")
    with pytest.raises(SoundFileError, match="this is a folder"):
        read_sound(tmp_path)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(min_size=1, max_size=300), header=st.sampled_from(["", "wav", "flac"]))
def test_no_bytes_break_the_reader(tmp_path_factory, content, header):
    """Any bytes, also behind a right beginning, are sound at 16 kHz or one clear refusal."""
    start = io.BytesIO()
    if header:
        soundfile.write(start, tone(16000, seconds=0.01), 16000, format=header)
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(start.getvalue()[:60] + content)

    with contextlib.suppress(SoundFileError):
        sound = read_sound(path)
        assert sound.rate_hz == 16000
        assert len(sound.pcm) % 2 == 0


@settings(max_examples=30, deadline=None)
@given(pcm=st.binary(min_size=2, max_size=400).filter(lambda pcm: len(pcm) % 2 == 0))
def test_what_is_written_is_read_back(tmp_path_factory, pcm):
    """A written wav file holds exactly the samples it was given."""
    path = tmp_path_factory.getbasetemp() / "back.wav"

    write_wav(path, AudioChunk(pcm=pcm, rate_hz=16000))

    assert read_sound(path).pcm == pcm


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    """A missing folder or a full disk names the file and what to do."""
    sound = AudioChunk(pcm=bytes(100_000), rate_hz=16000)

    with pytest.raises(SoundFileError, match=r"no/such\.wav"):
        write_wav(tmp_path / "no" / "such.wav", sound)
    if os.path.exists("/dev/full"):
        with pytest.raises(SoundFileError, match="No space left"):
            write_wav(Path("/dev/full"), sound)


def test_nothing_heavy_is_imported_before_a_file_is_read():
    """Importing the module costs no numpy, soxr or soundfile."""
    heavy = (
        "import sys, voiceskill.audio.wav; print({'numpy','soxr','soundfile'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", heavy], capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout == "set()\n"
