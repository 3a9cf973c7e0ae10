"""Auricle beside pyclarity's MSBG, in one run on the same input: accuracy and speed.

Started by `cargo xtask peers`, which sets up the Python it runs in. Prints a page in Markdown and writes it to the
file named; ends with an error where the parity simulator is not pyclarity's to 120 dB.
"""

import argparse
import json
import logging
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

# One core against one core; and on sounds this short numpy's threads make it ten times slower. Before numpy is there.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import soundfile
from clarity.evaluator.msbg.msbg import Ear
from clarity.utils.audiogram import Audiogram

RATE_HZ = 44_100
LEAST_SNR_DB = 120.0
GOAL_MSBG = 30.0
GOAL_EAR = 80.0
AUDIOGRAM_HZ = [250, 500, 1000, 2000, 3000, 4000, 6000, 8000]
# A left and a right ear of each class.
CLASSES = {
    "none": ([0] * 8, [5, 10, 5, 0, 5, 10, 15, 20]),
    "mild": ([5, 10, 15, 20, 25, 30, 35, 40], [10, 10, 15, 15, 20, 25, 40, 45]),
    "moderate": ([15, 20, 25, 35, 40, 45, 50, 60], [20, 25, 30, 40, 45, 55, 55, 60]),
    "severe": ([30, 35, 45, 55, 60, 65, 70, 75], [45, 50, 55, 60, 70, 75, 85, 90]),
}
POSITIONS = {"ff": "ff", "df": "df", "itu": "ITU"}
SPEECH = ["speech/sms_speech-male.wav", "speech/jfk_inaugural_11s.flac"]
MUSIC = ["music/hungarian_dance_5_strings.ogg", "music/muldjord_armygeddon_song.ogg"]


class Auricle:
    """Auricle's side, one process for the whole run."""

    def __init__(self, program, folder):
        self.folder = Path(folder)
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *order):
        self.process.stdin.write("\t".join(str(word) for word in order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"auricle's side ended at: {' '.join(map(str, order))}")
        return json.loads(answer)

    def hear(self, kind, *words, sound):
        source, heard = self.folder / "source.f64", self.folder / "heard.f64"
        np.asarray(sound, dtype=np.float64).tofile(source)
        answer = self.ask(kind, *words, source, heard)
        return np.fromfile(heard), answer


def points(hz, db_hl):
    return ",".join(f"{f}:{level}" for f, level in zip(hz, db_hl))


def pyclarity(hz, db_hl, position="ff", full_scale_db_spl=120.0):
    ear = Ear(src_pos=position, equiv_0db_spl=full_scale_db_spl - 20.0)
    ear.set_audiogram(Audiogram(levels=np.array(db_hl, dtype=float), frequencies=np.array(hz, dtype=float)))
    return ear


def excerpt(path, secs):
    """Stereo, [sample, channel], from where it is loudest."""
    sound, rate = soundfile.read(path, always_2d=True)
    if rate != RATE_HZ:
        sys.exit(f"{path}: has {rate} samples per second, not {RATE_HZ}")
    sound = sound[:, [0, -1]]
    length = int(secs * RATE_HZ)
    if len(sound) <= length:
        return sound
    energy = np.cumsum(np.sum(sound**2, axis=1))
    return sound[np.argmax(energy[length:] - energy[:-length]) :][:length]


def generated(secs):
    """Syllables of noise and a chord that decays, where there are no recordings."""
    random = np.random.default_rng(1)
    n = np.arange(int(secs * RATE_HZ)) / RATE_HZ
    noise = np.cumsum(random.standard_normal((len(n), 2)), axis=0)
    noise -= np.apply_along_axis(lambda x: np.convolve(x, np.ones(64) / 64, "same"), 0, noise)
    speech = 0.05 * noise / np.std(noise) * (np.sin(2 * np.pi * 2.1 * n)[:, None] ** 2) ** 2
    chord = sum(np.sin(2 * np.pi * hz * n) / k for k, hz in enumerate([196, 247, 294, 784, 1568, 3136, 6272], 1))
    decay = np.exp(-3 * np.mod(n, 0.5))
    music = 0.1 * (chord * decay)[:, None] * np.array([1.0, 0.7]) + 1e-3 * random.standard_normal((len(n), 2))
    return {"generated speech": speech, "generated music": music}


def sounds(media, secs):
    if media and Path(media).is_dir():
        found = {}
        for kind, files in (("speech", SPEECH), ("music", MUSIC)):
            path = next((Path(media) / file for file in files if (Path(media) / file).is_file()), None)
            if path is None:
                sys.exit(f"{media}: holds none of {', '.join(files)}")
            found[f"{kind} ({path.name})"] = excerpt(path, secs)
        return found
    return generated(secs)


def snr_db(theirs, ours):
    if len(theirs) != len(ours):
        return -math.inf
    error = np.sum((theirs - ours) ** 2)
    return 10 * math.log10(np.sum(theirs**2) / error) if error > 0 else math.inf


def parity(auricle, sound_of, page):
    worst = math.inf
    page(f"## Parity: signal-to-noise ratio of ours against pyclarity's, dB (at least {LEAST_SNR_DB:.0f})\n")
    page("The whole output, both ears, the worst of left and right in each cell.\n")
    page("| class | sound | " + " | ".join(POSITIONS) + " |\n|---|---|" + "---|" * len(POSITIONS))
    for name, ears in CLASSES.items():
        for what, sound in sound_of.items():
            row = []
            for ours_name, theirs_name in POSITIONS.items():
                least = math.inf
                for side, db_hl in enumerate(ears):
                    channel = np.ascontiguousarray(sound[:, side])
                    theirs = pyclarity(AUDIOGRAM_HZ, db_hl, theirs_name).process(channel)[0]
                    words = (ours_name, 120, points(AUDIOGRAM_HZ, db_hl))
                    ours, answer = auricle.hear("msbg", *words, sound=channel)
                    if answer["class"].lower() != name:
                        sys.exit(f"{db_hl}: is of class {answer['class']}, not {name}")
                    least = min(least, snr_db(theirs, ours))
                row.append(least)
            worst = min([worst, *row])
            page(f"| {name} | {what} | " + " | ".join(f"{value:.1f}" for value in row) + " |")
    page("")
    return worst


def speed(auricle, sound_of, rounds, page):
    sound = np.concatenate([part[:, 0] for part in sound_of.values()])
    secs = len(sound) / RATE_HZ
    page("## Speed: times real time, one ear, one core\n")
    page(
        f"{secs:.0f} s of speech and music at 44.1 kHz; medians of {rounds} rounds in which each is run in turn; ratios "
        "are medians of each round's. Design of filters, reading and writing are in none of them.\n"
    )
    page("| class | pyclarity | ours, msbg | ratio | ours, default | ratio |\n|---|---|---|---|---|---|")
    ratios = {"msbg": {}, "ear": {}}
    for name, (db_hl, _) in CLASSES.items():
        ear = pyclarity(AUDIOGRAM_HZ, db_hl)
        took = {"pyclarity": [], "msbg": [], "ear": []}
        for _ in range(rounds):
            began = time.perf_counter()
            ear.process(sound)
            took["pyclarity"].append(time.perf_counter() - began)
            for kind, words in (("msbg", ("ff", 120)), ("ear", (100,))):
                # A few of what takes a fraction of the time, so that each round weighs alike.
                runs = [
                    auricle.hear(kind, *words, points(AUDIOGRAM_HZ, db_hl), sound=sound)[1]["secs"] for _ in range(5)
                ]
                took[kind].append(statistics.median(runs))
        for kind, of_kind in ratios.items():
            of_kind[name] = statistics.median(a / b for a, b in zip(took["pyclarity"], took[kind]))
        speeds = {kind: secs / statistics.median(times) for kind, times in took.items()}
        page(
            f"| {name} | {speeds['pyclarity']:.1f} | {speeds['msbg']:.0f} | {ratios['msbg'][name]:.1f} "
            f"| {speeds['ear']:.0f} | {ratios['ear'][name]:.1f} |"
        )
    page("")
    for kind, goal, what in (("msbg", GOAL_MSBG, "parity mode"), ("ear", GOAL_EAR, "the default model")):
        least = min(ratios[kind], key=ratios[kind].get)
        verdict = "reached" if ratios[kind][least] >= goal else "missed"
        page(f"Goal for {what}: at least {goal:.0f} times pyclarity: {verdict}, {ratios[kind][least]:.1f} at the least ({least}).")
    page("")


def tone(hz, level_db_fs, secs=0.6):
    n = np.arange(int(secs * RATE_HZ)) / RATE_HZ
    # pyclarity raises an exception where all frames have one level: 0.01 dB up and down.
    swell = 1 + 0.001 * np.sin(2 * np.pi * 5 * n)
    return math.sqrt(2) * 10 ** (level_db_fs / 20) * swell * np.sin(2 * np.pi * hz * n)


def level_db_fs(sound):
    middle = sound[int(0.3 * RATE_HZ) : int(0.5 * RATE_HZ)]
    power = np.mean(np.asarray(middle) ** 2)
    return 10 * math.log10(power) if power > 0 else -math.inf


def thresholds(auricle, about, page):
    zero = {hz: level for hz, level in about["zero_db_hl_in_db_spl"]}
    page("## A tone at the listener's own threshold: how far from 0 dB HL it comes out, dB\n")
    page(
        "It should come out at 0 dB HL, which is where a healthy ear begins to hear. RMS over the frequencies "
        + ", ".join(f"{hz:.0f}" for hz in zero)
        + " Hz, the worst in brackets; threshold error is that over the slope of growth there. For pyclarity the "
        "tone is at -20 dB FS and full scale is moved to where that is its level, since below -80 dB FS it gives NaN.\n"
    )
    page(
        "| audiogram | pyclarity, output | ours, output | pyclarity, threshold | ours, threshold |\n|---|---|---|---|---|"
    )

    def summary(errors):
        worst = max(errors, key=abs)
        return f"{math.sqrt(np.mean(np.square(errors))):.2f} ({worst:+.1f})"

    everything = {"theirs": ([], []), "ours": ([], [])}
    for name, audiogram in about["audiograms"]:
        hz, db_hl = zip(*audiogram)
        found = {"theirs": ([], []), "ours": ([], [])}
        for f, reference in zero.items():
            stated = float(np.interp(math.log(f), np.log(hz), db_hl))

            def ours(level_db_hl):
                full_scale = 100.0
                sound = tone(f, level_db_hl + reference - full_scale)
                heard, _ = auricle.hear("ear", full_scale, points(hz, db_hl), sound=sound)
                return level_db_fs(heard) + full_scale - reference

            def theirs(level_db_hl):
                full_scale = level_db_hl + reference + 20.0
                heard = pyclarity(hz, db_hl, full_scale_db_spl=full_scale).process(tone(f, -20.0))[0]
                return level_db_fs(heard) + full_scale - reference

            for who, hear in (("theirs", theirs), ("ours", ours)):
                if who == "theirs" and max(db_hl) >= 105:
                    continue
                output = hear(stated)
                found[who][0].append(output)
                found[who][1].append(output / ((hear(stated + 2.0) - output) / 2.0))
        cells = [
            summary(found[who][i]) if found[who][i] else "no meaning from 105 dB HL on"
            for i in (0, 1)
            for who in ("theirs", "ours")
        ]
        for who, (outputs, errors) in found.items():
            everything[who][0].extend(outputs)
            everything[who][1].extend(errors)
        page(f"| {name} | " + " | ".join(cells) + " |")
    cells = [summary(everything[who][i]) for i in (0, 1) for who in ("theirs", "ours")]
    page("| all of them | " + " | ".join(cells) + " |\n")


def processor():
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    names = [line.split(": ", 1)[1] for line in info.splitlines() if line.startswith("model name") and ": " in line]
    return names[0] if names else platform.processor() or platform.machine()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--auricle", required=True, help="auricle's side: target/release/examples/peer")
    options.add_argument("--media", help="the folder of recordings; without it sounds are generated")
    options.add_argument("--output", required=True, help="the page to write")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--rustc", default="", help="version of the compiler")
    args = options.parse_args()
    logging.disable(logging.ERROR)
    np.random.seed(0)
    lines = []

    def page(text):
        print(text, flush=True)
        lines.append(text)

    with tempfile.TemporaryDirectory() as folder:
        auricle = Auricle(args.auricle, folder)
        about = auricle.ask("about")
        sound_of = sounds(args.media, 5.0)
        page("# Auricle beside its peers\n")
        page("Written by `cargo xtask peers`, which runs both sides in one run on the same input. What the MSBG")
        page("simulator is for, and what is wrong with it: [msbg.md](msbg.md).\n")
        versions = ", ".join(f"{name} {version(name)}" for name in ("pyclarity", "numpy", "scipy", "numba"))
        page(f"- machine: {processor()}, kernels of ours for {about['instruction_set']}")
        page(f"- auricle {about['version']} ({args.rustc}); {versions}, Python {platform.python_version()}; one thread each")
        page(f"- sounds: {'; '.join(sound_of)}\n")
        worst = parity(auricle, sound_of, page)
        page(f"Worst: {worst:.1f} dB.\n")
        speed(auricle, sound_of, args.rounds, page)
        thresholds(auricle, about, page)
    Path(args.output).write_text("\n".join(lines).rstrip() + "\n")
    print(f"written: {args.output}")
    if not worst >= LEAST_SNR_DB:
        sys.exit(f"parity: {worst:.1f} dB is less than {LEAST_SNR_DB:.0f} dB")


if __name__ == "__main__":
    main()
