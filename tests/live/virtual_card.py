"""A sound card without hardware: PulseAudio with a microphone and a speaker that end in pipes.

The program under test runs in a process of its own with `env`, since ALSA and PortAudio read it
when they are loaded. Every wait here has a hard limit.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from voiceskill.audio import AudioChunk
from voiceskill.audio.wav import read_sound

NEEDED = ("pulseaudio", "pactl", "pacat", "parec")
PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
HEAR_RATE_HZ = 22_050

# `norewinds=1` is what makes it reliable: without it parts of the sound are lost or come twice.
_PULSE = """
load-module module-native-protocol-unix auth-anonymous=1 socket={folder}/native
load-module module-null-sink sink_name=vspk format=s16le rate=48000 channels=2 norewinds=1
load-module module-null-sink sink_name=vmic_feed format=s16le rate=16000 channels=1 norewinds=1
load-module module-virtual-source source_name=vmic master=vmic_feed.monitor
set-default-sink vspk
set-default-source vmic
"""
_ALSA = """
pcm.!default {{ type pulse {hint} }}
ctl.!default {{ type pulse }}
pcm.vmic {{ type pulse device vmic {hint} }}
pcm.vspk {{ type pulse device vspk {hint} }}
"""


def missing():
    """The programs that are not installed; none of them means that the card can be made."""
    return [name for name in NEEDED if shutil.which(name) is None]


def say_to_microphone(env, sound):
    """Play an AudioChunk or a sound file into the virtual microphone; returns the player."""
    chunk = sound if isinstance(sound, AudioChunk) else read_sound(Path(sound))
    # With less latency sound is lost when the machine is busy.
    player = subprocess.Popen(
        [
            *("pacat", "--playback", "--device=vmic_feed", "--latency-msec=300", "--raw"),
            *("--format=s16le", "--channels=1", f"--rate={chunk.rate_hz}"),
        ],
        env=env,
        stdin=subprocess.PIPE,
    )
    threading.Thread(target=_feed, args=(player.stdin, chunk.pcm), daemon=True).start()
    return player


class VirtualSoundCard:
    """`start` it, give `env` to the program, `speak` to it, and listen with `hearing`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        hint = "hint { show on description virtual }"
        (self.folder / "pulse.pa").write_text(_PULSE.format(folder=self.folder))
        (self.folder / "asound.conf").write_text(_ALSA.format(hint=hint))
        self.env = {
            **os.environ,
            "PULSE_SERVER": f"unix:{self.folder}/native",
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_STATE_PATH": str(self.folder),
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self.folder}/asound.conf",
        }
        self.env.pop("PULSE_LATENCY_MSEC", None)
        self._server = None

    def start(self):
        """Start the card and wait, at most 10 s, until its microphone is listed."""
        command = "pulseaudio -n -F pulse.pa --daemonize=no --exit-idle-time=-1 --use-pid-file=no"
        command += " --realtime=no --high-priority=no --disable-shm=yes"
        with (self.folder / "pulse.log").open("a") as log:
            self._server = subprocess.Popen(
                command.split(), cwd=self.folder, env=self.env, stdout=log, stderr=log
            )
        self._until(lambda: "vmic\t" in self._sources(), limit_s=10)
        return self

    def vanish(self):
        """Pull the card out: the server is killed, as by an unplugged cable."""
        self._server.kill()
        self._server.wait(timeout=10)
        (self.folder / "native").unlink(missing_ok=True)

    def stop(self):
        """End the server."""
        self._server.terminate()
        try:
            self._server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.vanish()

    def speak(self, sound):
        """Say an AudioChunk or a sound file into the microphone; return when it was said."""
        player = self.speak_along(sound)
        player.wait(timeout=60)

    def speak_along(self, sound):
        """The same, without waiting; returns the player's process."""
        return say_to_microphone(self.env, sound)

    def hearing(self, *, latency_ms=100):
        """A context that records what the speaker plays: `with card.hearing() as heard: ...`."""
        return Hearing(self.env, latency_ms)

    def run(self, code, *arguments, timeout_s=30):
        """Run Python code in a process that has this card; return the finished process."""
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def popen(self, code, *arguments, stdin=subprocess.PIPE):
        """The same without waiting, with pipes for its input and output."""
        return subprocess.Popen(
            [sys.executable, "-u", "-c", code, *map(str, arguments)],
            env=self.env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _sources(self):
        listed = subprocess.run(
            ["pactl", "list", "short", "sources"],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        return listed.stdout

    def _until(self, holds, *, limit_s):
        end_s = time.monotonic() + limit_s
        while not holds():
            if time.monotonic() > end_s:
                log = (self.folder / "pulse.log").read_text()[-1000:]
                raise RuntimeError(f"the virtual sound card did not start:\n{log}")
            time.sleep(0.02)


class Hearing:
    """What the speaker played while the context lasted, with the time of each arrival."""

    def __init__(self, env, latency_ms):
        self.rate_hz = HEAR_RATE_HZ
        self.arrivals = []
        """Pairs of monotonic seconds and the bytes that arrived then."""
        self._env, self._latency_ms = env, latency_ms
        self._began = threading.Event()

    def __enter__(self):
        self._recorder = subprocess.Popen(
            [
                *("parec", "--device=vspk.monitor", f"--rate={HEAR_RATE_HZ}", "--channels=1"),
                *("--format=s16le", "--raw", f"--latency-msec={self._latency_ms}"),
            ],
            env=self._env,
            stdout=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()
        if not self._began.wait(timeout=10):
            raise RuntimeError("nothing can be recorded from the virtual speaker")
        return self

    def __exit__(self, *_):
        self._recorder.terminate()
        self._recorder.wait(timeout=10)
        self._thread.join(timeout=10)

    @property
    def sound(self):
        """All of it as one chunk at `rate_hz`."""
        pcm = b"".join(data for _, data in self.arrivals)
        return AudioChunk(pcm=pcm[: len(pcm) // 2 * 2], rate_hz=self.rate_hz)

    def sounding_s(self, *, above=200):
        """When something louder than `above` (of 32767) arrived: first and last, or None."""
        loud = [at_s for at_s, data in self.arrivals if _peak(data) > above]
        return (loud[0], loud[-1]) if loud else None

    def last_loud_s(self, *, before_s=float("inf"), above=100):
        """When the last sound before that moment arrived."""
        return max(at_s for at_s, data in self.arrivals if at_s < before_s and _peak(data) > above)

    def first_loud_s(self, *, after_s=0.0, above=100):
        """When the first sound after that moment arrived."""
        return min(at_s for at_s, data in self.arrivals if at_s > after_s and _peak(data) > above)

    def _collect(self):
        while data := os.read(self._recorder.stdout.fileno(), 65536):
            self.arrivals.append((time.monotonic(), data))
            self._began.set()


def _peak(data):
    return max(map(abs, memoryview(data[: len(data) // 2 * 2]).cast("h")), default=0)


def _feed(pipe, pcm):
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(pcm)
