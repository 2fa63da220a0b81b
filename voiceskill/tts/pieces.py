"""An utterance's sound, cut into the pieces that a sink takes.

Arithmetic on bytes only; what makes the sound stands in the files of the voices.
"""

from collections.abc import Iterator

from voiceskill.audio import AudioChunk

# A sink can end an utterance between two pieces, so a piece bounds how late it is obeyed:
# half of the 100 ms within which a key must silence the program.
PIECE_S = 0.05


def pieces(sound: AudioChunk) -> Iterator[AudioChunk]:
    """Cut a sound of any length into pieces of at most 50 ms, in order; none of them is empty."""
    step = 2 * int(PIECE_S * sound.rate_hz)
    for start in range(0, len(sound.pcm), step):
        yield AudioChunk(pcm=sound.pcm[start : start + step], rate_hz=sound.rate_hz)
