"""onnxruntime, imported so that it tells nobody anything.

From 1.29 on its official builds send events about the machine and the models to their maker, and
keep an identifier on disk, unless they are told not to before they are first imported.
Every import of it in this program goes through here.
"""

import os
from types import ModuleType


def import_runtime() -> ModuleType:
    """The module `onnxruntime`, with its telemetry switched off."""
    # Read once, when the library is loaded: afterwards nothing is started, written or sent.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415

    # Windows has another provider, which only this call reaches.
    onnxruntime.disable_telemetry_events()
    return onnxruntime  # type: ignore[no-any-return]
