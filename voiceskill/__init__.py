"""A spoken check, wholly offline, for a person whose leg is numb.

The public names, each loaded when it is first used; nothing is decided here.
"""

__version__ = "0.1.0"

# Loaded late: `import voiceskill` takes no time, so that Ctrl-C finds our handler in place.
_HOMES = {
    "Check": "voiceskill.session",
    "Settings": "voiceskill.config",
    "VoiceskillError": "voiceskill.errors",
    "converse": "voiceskill.session",
    "load_skill": "voiceskill.library",
    "start": "voiceskill.core.dialog",
    "step": "voiceskill.core.dialog",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 the names of `_HOMES` are text


def __getattr__(name: str) -> object:
    """Load a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"module 'voiceskill' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 as above

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
