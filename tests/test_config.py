"""Settings come from flag, environment, file or default, in that order, and say which."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.config import PARSERS, Settings, load_settings
from voiceskill.errors import UsageError


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "mine.toml"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(tmp_path, monkeypatch):
    """The person who runs the tests may have settings of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_without_anything_every_value_is_its_default():
    """A person who sets nothing gets the usual pace, automatic ears and a kept check."""
    settings = load_settings({}, environment={})

    assert settings == Settings()
    assert settings.ears == "auto"
    assert settings.keep is True
    assert {settings.origin(name) for name in PARSERS} == {"default"}


def test_every_setting_has_a_parser_and_a_default():
    """Nothing can be set that no command could use, and the other way round."""
    fields = set(Settings.__dataclass_fields__) - {"origins"}

    assert fields == set(PARSERS)


def test_a_flag_wins_over_the_environment_and_the_file(file):
    """What was typed just now counts most."""
    file.write_text("pace = 0.7")

    settings = load_settings({"pace": "0.9"}, environment={"VOICESKILL_PACE": "0.8"}, file=file)

    assert settings.pace == 0.9
    assert settings.origin("pace") == "--pace"


def test_the_environment_wins_over_the_file(file):
    """A service's environment overrides the file of its user."""
    file.write_text("pace = 0.7\nvolume = 0.5")

    settings = load_settings({}, environment={"VOICESKILL_PACE": "0.8"}, file=file)

    assert (settings.pace, settings.origin("pace")) == (0.8, "VOICESKILL_PACE")
    assert (settings.volume, settings.origin("volume")) == (0.5, str(file))


def test_the_usual_file_is_read_when_it_is_there(tmp_path):
    """A settings file in the person's own configuration folder needs no flag."""
    usual = tmp_path / "config" / "voiceskill" / "voiceskill.toml"
    usual.parent.mkdir(parents=True)
    usual.write_text('country = "GB"')

    settings = load_settings({}, environment={})

    assert settings.country == "gb"
    assert settings.origin("country") == str(usual)


def test_a_file_can_be_named_in_the_environment(file):
    """VOICESKILL_SETTINGS names a file, as --settings does."""
    file.write_text("keep = false")

    assert load_settings({}, environment={"VOICESKILL_SETTINGS": str(file)}).keep is False


def test_a_named_file_that_is_missing_is_told(file):
    """A slip in the file's name is not silently answered with defaults."""
    with pytest.raises(UsageError, match=r"There is no settings file .*mine\.toml"):
        load_settings({}, environment={}, file=file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("peace = 0.8", "peace is not a setting.*Did you mean pace"),
        ("zzz = 1", "There are: language, country"),
        ("pace = [1]", "pace must be a single value"),
        ("[pace]", "pace must be a single value"),
        ("pace = ", "is not valid TOML"),
        ("pace = 9", "pace must be a number from 0.6 to 1.5, not '9'"),
        ('ears = " "', "ears must not be empty"),
        ('keep = "maybe"', "keep must be yes or no, not 'maybe'"),
        ('country = "England"', 'country must be two letters, such as "gb"'),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_the_file(file, content, told):
    """Each slip ends in one sentence that names the file and the remedy."""
    file.write_text(content)

    with pytest.raises(UsageError, match=told) as error:
        load_settings({}, environment={}, file=file)

    assert str(file) in str(error.value)


def test_a_file_of_other_letters_is_told(file):
    """A file that is not UTF-8 is refused with a sentence."""
    file.write_bytes('voice = "Jos\xe9"'.encode("latin-1"))

    with pytest.raises(UsageError, match="not valid TOML"):
        load_settings({}, environment={}, file=file)


def test_an_unknown_variable_is_told():
    """A misspelt variable would change nothing, so it is refused with the one meant."""
    with pytest.raises(UsageError, match=r"VOICESKILL_EAR is not a setting.*Did you mean ears"):
        load_settings({}, environment={"VOICESKILL_EAR": "vosk"})


def test_other_variables_are_none_of_our_business():
    """The rest of the environment is not read."""
    assert load_settings({}, environment={"PACE": "9", "HOME": "/x"}) == Settings()


@pytest.mark.parametrize("word", ["yes", "YES", "true", "on", "1", " yes "])
def test_yes_can_be_said_in_many_ways(word):
    """People write yes differently in shells and files."""
    assert load_settings({"keep": word}, environment={}).keep is True


@pytest.mark.parametrize("word", ["no", "False", "off", "0"])
def test_no_can_be_said_in_many_ways(word):
    """People write no differently in shells and files."""
    assert load_settings({"keep": word}, environment={}).keep is False


def test_a_folder_may_begin_with_a_tilde(monkeypatch, tmp_path):
    """`~/models` means the person's own folder, also where no shell expands it."""
    monkeypatch.setenv("HOME", str(tmp_path))

    settings = load_settings({}, environment={"VOICESKILL_MODELS": "~/models"})

    assert settings.models_folder == tmp_path / "models"


def test_models_lie_in_the_data_folder(tmp_path):
    """Whoever moves the data moves the models along, unless told otherwise."""
    assert load_settings({"data": str(tmp_path)}, environment={}).models_folder == (
        tmp_path / "models"
    )


def test_the_data_folder_is_the_persons_own(tmp_path):
    """Without a choice, files go where the system keeps a person's data."""
    assert str(tmp_path) in str(Settings().data_folder)


@given(text=st.text(max_size=20))
def test_any_pace_is_taken_or_refused_with_a_sentence(text):
    """Whatever is typed for a number, the pace stays within its range or a sentence says why."""
    try:
        pace = load_settings({"pace": text}, environment={"VOICESKILL_KEEP": "no"}).pace
    except UsageError as error:
        told, pace = str(error), 1.0
    else:
        told = "0.6 to 1.5"

    assert 0.6 <= pace <= 1.5
    assert "0.6 to 1.5" in told


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", ""])
def test_no_strange_number_is_a_volume(text):
    """Not a number is no loudness: PortAudio would be handed rubbish."""
    with pytest.raises(UsageError, match=r"--volume: volume must be a number from 0\.0 to 1\.0"):
        load_settings({"volume": text}, environment={})
