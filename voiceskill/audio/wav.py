"""Sound files a person may hand over, read as mono sound; and writing wav files.

No device, and no guess at what a damaged file may have meant. libsndfile, through `soundfile`,
knows the formats: wav in every width, flac, ogg, mp3, aiff.
"""

import io
import wave
from pathlib import Path
from typing import Any

from voiceskill.audio import AudioChunk
from voiceskill.errors import MissingError, SoundFileError

# An answer lasts seconds. What is far longer is another kind of file, and would fill the memory.
LONGEST_S = 600
_MOST_BYTES = 500_000_000


def read_sound(path: Path, *, rate_hz: int = 16_000) -> AudioChunk:
    """Read a sound file whole, its channels averaged, resampled to `rate_hz`.

    Args:
        path: wav (8 to 32 bit or float), flac, ogg, mp3 or aiff, of any rate and channel count.
            What is in the file decides, not its name.
        rate_hz: The rate of the result.

    Raises:
        SoundFileError: the file is missing, empty, silent by zero length, longer than ten
            minutes, or not sound; the message names it and says what to do.
        MissingError: libsndfile is not there; wheels bring it for all but 32-bit ARM.
    """
    import numpy as np  # noqa: PLC0415 heavy, imported where it is opened
    import soxr  # noqa: PLC0415 heavy, imported where it is opened

    samples, file_rate_hz = _decode(path)
    # A float file may hold what is no number; one such sample would kill a recogniser.
    mono = np.nan_to_num(samples, posinf=0.0, neginf=0.0).mean(axis=1)
    mono = soxr.resample(mono, file_rate_hz, rate_hz)
    pcm = (mono * 32768).round().clip(-32768, 32767).astype("<i2").tobytes()
    return AudioChunk(pcm=pcm, rate_hz=rate_hz)


def write_wav(path: Path, sound: AudioChunk) -> None:
    """Write a mono 16-bit wav file.

    Raises:
        SoundFileError: the file cannot be written, for instance because the disk is full.
    """
    try:
        with path.open("wb") as file, wave.open(file) as writer:
            writer.setparams((1, 2, sound.rate_hz, 0, "NONE", "not compressed"))
            writer.writeframes(sound.pcm)
    except OSError as error:
        raise SoundFileError(
            f"{path}: the recording cannot be written ({error.strerror}). "
            "Choose a folder that exists, is yours and has room."
        ) from error


def _decode(path: Path) -> tuple[Any, int]:
    """Samples as float32 of shape (frames, channels), -1 to 1, at least one frame; and the rate."""
    try:
        import soundfile  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 heavy
    except OSError as error:
        raise MissingError(
            "The library that reads sound files is missing, so no recording can be heard. "
            "Run `sudo apt install libsndfile1`."
        ) from error
    content = io.BytesIO(_bytes_of(path))
    try:
        with soundfile.SoundFile(content) as file:
            # Not `frames`: a truncated header may promise any number of them.
            samples = file.read(LONGEST_S * file.samplerate + 1, dtype="float32", always_2d=True)
            rate_hz = file.samplerate
    except (soundfile.LibsndfileError, ValueError) as error:
        raise SoundFileError(
            f"{path}: this is not a sound file that can be read. "
            "Give a wav or flac recording, or convert it with `ffmpeg -i IN OUT.wav`."
        ) from error
    if len(samples) == 0:
        raise SoundFileError(f"{path}: the recording holds no sound. Record it again.")
    if len(samples) > LONGEST_S * rate_hz:
        raise SoundFileError(
            f"{path}: the recording is longer than {LONGEST_S // 60} minutes, "
            "so it is no answer to a question. Cut it to the answer."
        )
    return samples, rate_hz


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except IsADirectoryError as error:
        raise SoundFileError(f"{path}: this is a folder. Give the recordings inside it.") from error
    except OSError as error:
        raise SoundFileError(
            f"{path}: the recording cannot be opened ({error.strerror}). Check its name and rights."
        ) from error
    if not content:
        raise SoundFileError(f"{path}: the file is empty, so there is nothing to hear in it.")
    if len(content) > _MOST_BYTES:
        raise SoundFileError(
            f"{path}: the file is too large to be an answer. Cut it to the answer."
        )
    return content
