"""Every way in which voiceskill tells a person that something is wrong, in one tree.

No message text lives here save what an error builds from its parts; no error is caught here.

    VoiceskillError             exit code 1: it failed
    ├── UsageError              exit code 2: the command was called wrongly
    ├── DataError               exit code 1: a file people write is wrong
    │   ├── DialogFileError     a file below dialogs/
    │   ├── StateError          a saved check cannot be read
    │   └── SoundFileError      a recording cannot be read
    ├── MissingError            exit code 3: a device or a model is not there
    │   ├── AudioDeviceError    no microphone, no loudspeaker, no PortAudio, or it vanished
    │   ├── ModelError          a model is missing, damaged or of the wrong kind
    │   └── VoiceError          no voice to speak with
    └── EngineError             exit code 1: an engine died on good input; reopen it

Each message says what, where, why it matters and what to do, in words a person can act on.
A bug raises something else and keeps its traceback.
"""


class VoiceskillError(Exception):
    """What a person is told in one sentence, without a traceback."""

    exit_code = 1


class UsageError(VoiceskillError):
    """The command or function was called with something it cannot take."""

    exit_code = 2


class DataError(VoiceskillError):
    """A file that people or programs write holds something wrong."""


class DialogFileError(DataError):
    """A file below `dialogs/` is wrong; the message names file, line, key and remedy."""


class StateError(DataError):
    """A saved check is damaged or comes from another version."""


class SoundFileError(DataError):
    """A recording is empty, of an unknown kind, or not sound at all."""


class MissingError(VoiceskillError):
    """A device or a model that is needed is not there."""

    exit_code = 3


class AudioDeviceError(MissingError):
    """A microphone or loudspeaker is missing, refused or has vanished."""


class ModelError(MissingError):
    """A recognition model is missing, damaged or of the wrong kind."""


class VoiceError(MissingError):
    """There is no voice to speak with."""


class EngineError(VoiceskillError):
    """A speech engine died on input that was good; it must be opened again."""
