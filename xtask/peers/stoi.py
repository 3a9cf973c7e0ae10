"""Auricle's STOI and ESTOI beside pystoi's, on speech degraded in a handful of ways.

Started by `cargo xtask peers`. Prints the differences; ends with an error where one is above 1e-3.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import soundfile
from pystoi import stoi

MOST_APART = 1e-3
SPEECH = [
    "speech/arctic_aew_a0001.wav",
    "speech/harvard_spk1_snt1.wav",
    "speech/sms_speech-male.wav",
    "speech/vctk_p286_011_48k.wav",
    "speech/jfk_inaugural_11s.flac",
]


def generated(rate, secs=4):
    """A buzz through moving resonances, with pauses, where there are no recordings."""
    random = np.random.default_rng(rate)
    n = np.arange(int(secs * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 120 * k * n) / k for k in range(1, 1 + int(3500 / 120)))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * n) + 0.4 * np.sin(2 * np.pi * 1.3 * n), 0, None) ** 2
    hiss = random.standard_normal(len(n)) * np.clip(np.sin(2 * np.pi * 2.3 * n), 0, None) ** 4
    return 0.1 * syllables * buzz + 0.02 * hiss


def sounds(media):
    if media and Path(media).is_dir():
        found = {}
        for name in SPEECH:
            path = Path(media) / name
            if path.is_file():
                sound, rate = soundfile.read(path, always_2d=True)
                found[path.name] = (sound.mean(axis=1)[: 8 * rate], rate)
        if not found:
            sys.exit(f"{media}: holds none of {', '.join(SPEECH)}")
        return found
    return {f"generated, {rate} Hz": (generated(rate), rate) for rate in (8_000, 10_000, 16_000, 44_100, 48_000)}


def degraded(clean, rate):
    random = np.random.default_rng(1)
    noise = random.standard_normal(len(clean)) * np.std(clean)
    echo = np.exp(-np.arange(int(0.4 * rate)) / (0.07 * rate)) * random.standard_normal(int(0.4 * rate))
    spectrum = np.fft.rfft(clean)
    spectrum[np.fft.rfftfreq(len(clean), 1 / rate) > 1000] = 0
    yield "noise at +10 dB", clean + noise * 10 ** (-10 / 20)
    yield "noise at 0 dB", clean + noise
    yield "noise at -10 dB", clean + noise * 10 ** (10 / 20)
    yield "echoes", np.convolve(clean, echo)[: len(clean)]
    yield "clipped hard", np.clip(clean, -0.05 * np.max(np.abs(clean)), 0.05 * np.max(np.abs(clean)))
    yield "below 1 kHz", np.fft.irfft(spectrum, len(clean))
    yield "noise alone", noise


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--auricle", required=True)
    parser.add_argument("--media")
    options = parser.parse_args()
    warnings.simplefilter("error")
    worst, pairs = 0.0, 0
    print(f"STOI and ESTOI: ours less pystoi {version('pystoi')}'s")
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([options.auricle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as auricle:
            for name, (clean, rate) in sounds(options.media).items():
                clean = clean.astype(np.float32)
                for how, heard in degraded(clean.astype(np.float64), rate):
                    heard = heard.astype(np.float32)
                    paths = [str(Path(folder) / file) for file in ("clean.f32", "heard.f32")]
                    clean.tofile(paths[0])
                    heard.tofile(paths[1])
                    auricle.stdin.write("\t".join([str(rate), *paths]) + "\n")
                    auricle.stdin.flush()
                    answer = auricle.stdout.readline()
                    if not answer:
                        sys.exit(f"auricle's side ended at {name}, {how}")
                    ours = json.loads(answer)
                    row = []
                    for key, extended in (("stoi", False), ("estoi", True)):
                        theirs = stoi(clean.astype(np.float64), heard.astype(np.float64), rate, extended=extended)
                        worst = max(worst, abs(ours[key] - theirs))
                        row.append(f"{key} {theirs:6.3f} {ours[key] - theirs:+.1e}")
                    pairs += 1
                    print(f"  {name:32} {how:16} {'   '.join(row)}")
    print(f"  {pairs} pairs, at most {worst:.1e} apart (at most {MOST_APART:.0e})")
    if not worst <= MOST_APART:
        sys.exit(f"STOI or ESTOI is {worst:.1e} from pystoi's")


if __name__ == "__main__":
    main()
