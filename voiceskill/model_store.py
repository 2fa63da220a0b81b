"""Recognition models: fetching one, and proving that an installed one is whole.

The only file that opens an outgoing connection, and only when a person asks for a model.
Which there are stands in `model_catalogue.py`; what a model hears is the affair of `stt/`.
"""

import errno
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from voiceskill.errors import ModelError
from voiceskill.model_catalogue import Catalogue, Model
from voiceskill.model_files import check_members, check_vosk, read_manifest, write_manifest

Tell = Callable[[str], None]
"""Takes one whole line for the person."""

# A server that is silent for this long has gone; slow ones send something sooner.
TIMEOUT_S = 30.0
# A Vosk model is 1.6 to 3 times its archive, and both lie on the disk for a moment.
DISK_PER_ARCHIVE = 4
_CHUNK_BYTES = 1 << 16
_PROGRESS_STEPS = 10
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ModelStore:
    """A folder of models, each in a folder of its own with a manifest of its files."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Name the place; nothing is made before `get`."""
        self.folder = folder
        self.catalogue = catalogue

    def installed(self) -> tuple[Model, ...]:
        """The models of the catalogue that have a folder, in the catalogue's order."""
        return tuple(model for model in self.catalogue.models if self._home(model).is_dir())

    def find(self, language: str, wanted: str | None = None) -> Path | None:
        """The folder of a model that may be opened.

        Args:
            language: Tag of the conversation's language; "en-us" finds a model for "en".
            wanted: A name in the catalogue, or the path of any Vosk model's folder; None takes
                the last installed one in the catalogue, which is the most exact.

        Returns:
            None where nothing was wanted by name and nothing is installed.

        Raises:
            ModelError: the model is missing, damaged, of another language or another kind.
            UsageError: the catalogue knows no such name.
        """
        spoken = language.partition("-")[0].lower()
        if wanted is not None and Path(wanted).is_dir():
            check_vosk(Path(wanted), spoken)
            return Path(wanted)
        if wanted is not None:
            model = self.catalogue.find(wanted)
            if model.language != spoken:
                raise ModelError(
                    f"{model.name} hears {model.language!r}, but the conversation is in "
                    f"{spoken!r}. Choose another with --model, or leave it out."
                )
        else:
            fitting = [model for model in self.installed() if model.language == spoken]
            if not fitting:
                return None
            model = fitting[-1]
        self.check(model, thorough=False)
        return self._home(model)

    def check(self, model: Model, *, thorough: bool = True) -> None:
        """Prove that an installed model is as it was when it was fetched.

        Args:
            model: One that should be installed.
            thorough: Read every byte; else only files whose size or time has changed.

        Raises:
            ModelError: it is not installed, or a file is missing, altered or too short.
        """
        home = self._home(model)
        remedy = f"Run `voiceskill models get {model.name}`."
        if not home.is_dir():
            raise ModelError(f"The model {model.name} is not installed. {remedy}")
        damage = read_manifest(home).damage(home, thorough=thorough)
        if damage:
            raise ModelError(
                f"The model {model.name} in {home} is damaged ({damage}), so it is not used. "
                f"{remedy}"
            )

    def get(self, wanted: str, tell: Tell) -> Path:
        """Fetch a model, prove it and put it in place; a damaged one is replaced.

        It starts over after a break. Until all is proven, nothing is in place.

        Args:
            wanted: A language or a name of the catalogue.
            tell: Told the address, the size, the licence and the progress.

        Raises:
            UsageError: the catalogue knows no such model or refuses it.
            ModelError: it could not be fetched, proven or written; nothing was installed.
        """
        model = self.catalogue.find(wanted)
        home = self._home(model)
        if self._is_whole(model):
            tell(f"{model.name} is installed in {home} and whole.")
            return home
        tell(f"{model.name}: {model.summary}.")
        tell(f"From {model.url}, {model.megabytes}, licence {model.licence}.")
        with self._work_folder(model) as work, _told_as_model_errors(model):
            archive = self._fetch(model, work, tell)
            tell("The checksum is right. Unpacking.")
            unpacked = _unpack(model, archive, work / "unpacked")
            check_vosk(unpacked, model.language)
            write_manifest(unpacked)
            self._put_in_place(unpacked, home, work)
        tell(f"Installed in {home}.")
        return home

    def _home(self, model: Model) -> Path:
        return self.folder / model.name

    def _is_whole(self, model: Model) -> bool:
        try:
            self.check(model)
        except ModelError:
            return False
        return True

    @contextmanager
    def _work_folder(self, model: Model) -> Iterator[Path]:
        """A fresh folder beside the models, so that the last step is a rename; gone afterwards."""
        work = self.folder / f".fetching-{model.name}"
        try:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
        except OSError as error:
            raise ModelError(
                f"{self.folder} cannot be written ({error.strerror}), so no model can be "
                "installed there. Choose another folder with --models."
            ) from error
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _fetch(self, model: Model, work: Path, tell: Tell) -> Path:
        """The archive, with the right checksum."""
        needed = DISK_PER_ARCHIVE * model.size_bytes
        if shutil.disk_usage(work).free < needed:
            raise OSError(errno.ENOSPC, "too little room")
        import pooch  # noqa: PLC0415 a heavy library, imported where it is used

        pooch.get_logger().setLevel("ERROR")
        try:
            fetched = pooch.retrieve(
                model.url,
                known_hash=f"sha256:{model.sha256}",
                fname="archive.zip",
                path=work,
                downloader=_Downloader(model, tell),
            )
        except ValueError as error:
            if isinstance(error, OSError):  # requests' errors about an address are both
                raise
            raise ModelError(
                f"What {model.url} sent has a wrong checksum: it is damaged or not the real "
                f"model. {_again(model)}"
            ) from error
        return Path(fetched)

    def _put_in_place(self, unpacked: Path, home: Path, work: Path) -> None:
        if home.exists():
            home.rename(work / "replaced")
        unpacked.rename(home)


class _Downloader:
    """What pooch calls to fill a file; tells the progress, refuses what is longer than it says."""

    def __init__(self, model: Model, tell: Tell) -> None:
        self._model = model
        self._tell = tell

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        import requests  # noqa: PLC0415 heavy; it is what pooch itself uses

        limit = self._model.size_bytes * (2 if self._model.size_about else 1)
        with (
            requests.get(url, stream=True, timeout=TIMEOUT_S) as response,
            Path(output_file).open("wb") as file,
        ):
            response.raise_for_status()
            for chunk in self._counted(response.iter_content(_CHUNK_BYTES), limit):
                file.write(chunk)

    def _counted(self, chunks: Iterator[bytes], limit: int) -> Iterator[bytes]:
        fetched, step = 0, 0
        for chunk in chunks:
            fetched += len(chunk)
            if fetched > limit:
                raise ModelError(
                    f"{self._model.url} sends more than the {self._model.megabytes} that "
                    "the catalogue gives, so it was not the right file; nothing was installed."
                )
            yield chunk
            if fetched * _PROGRESS_STEPS // self._model.size_bytes > step:
                step = fetched * _PROGRESS_STEPS // self._model.size_bytes
                self._tell(f"Fetched {fetched / 1e6:.0f} of {self._model.megabytes}.")


@contextmanager
def _told_as_model_errors(model: Model) -> Iterator[None]:
    """Turn what a network, an archive or a disk can do into one sentence."""
    import requests  # noqa: PLC0415 heavy, needed here only

    try:
        yield
    except requests.RequestException as error:
        raise ModelError(
            f"{model.url} could not be fetched ({_cause(error)}). {_again(model)}"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ModelError(
            f"{model.url} is not an archive that can be read. {_again(model)}"
        ) from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        room = f"{DISK_PER_ARCHIVE * model.size_bytes / 1e6:.0f} MB"
        raise ModelError(
            f"The disk is full: {model.name} needs {room} while it is unpacked. Nothing was "
            "installed; free some room, or choose another folder with --models."
        ) from error


def _again(model: Model) -> str:
    return f"Nothing was installed; run `voiceskill models get {model.name}` again."


def _cause(error: Exception) -> str:
    """The kind of a network's failure; its text is long and says little."""
    import requests  # noqa: PLC0415 heavy, needed here only

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return f"nothing came for {TIMEOUT_S:.0f} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off midway"
    return "there is no connection"


def _unpack(model: Model, archive: Path, target: Path) -> Path:
    """Unpack beside the final place; the folder that holds the model itself."""
    with zipfile.ZipFile(archive) as opened:
        check_members(opened, limit_bytes=10 * model.size_bytes)
        opened.extractall(target)
    inside = list(target.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target
