"""ACE in float64 numpy, straight from what is published, for comparing the Rust device with. No code is shared.

    python3 ace.py SETTINGS.json SAMPLES.f32 PULSES.txt

SETTINGS: {"electrodes": [base to apex], "t": [one an electrode], "c": [same], "maxima": n, "rate_pps": r,
"volume": 0..1, "sensitivity_db": d, "full_scale_db_spl": level of an RMS of 1}. SAMPLES: little-endian float32 at
15,625 Hz. PULSES: a line each, `onset_ticks electrode current_level current_ua` (ticks of 0.1 us; an idle
pulse has level 0 and 0 uA).

Sources: Vandali et al. 2000 and Nogueira et al. 2005 (filterbank, band weights, maxima); Swanson 2008, "Pitch perception
with cochlear implants", and Khing et al. 2013 (front end, growth, map); the CIC4 current law.
"""

import json
import math
import sys

import numpy as np

FS = 5_000_000 / 320
N = 128
BINS = {
    22: [1] * 9 + [2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8],
    21: [1] * 8 + [2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8],
    20: [1] * 8 + [2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 8],
    16: [1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 6, 7, 9, 11],
    12: [1, 2, 2, 2, 2, 3, 4, 5, 7, 9, 11, 14],
    8: [2, 2, 3, 4, 6, 9, 14, 22],
    4: [7, 8, 16, 31],
}


def device_amplitudes(samples, full_scale_db_spl, sensitivity_db):
    """The device counts amplitudes so that a tone of amplitude 1 is one of 95 dB SPL."""
    rms_of_unit_tone = 1 / math.sqrt(2)
    level_of_unit_tone = full_scale_db_spl + 20 * math.log10(rms_of_unit_tone)
    return samples * 10 ** ((level_of_unit_tone + sensitivity_db - 95) / 20)


def pre_emphasis(x):
    """First-order Butterworth high-pass at 1200 Hz by the bilinear transform."""
    omega = 2 * FS * math.tan(math.pi * 1200 / FS)  # the prewarped corner of H(s) = s / (s + omega)
    b0 = 2 * FS / (2 * FS + omega)
    a1 = (omega - 2 * FS) / (omega + 2 * FS)
    y = np.zeros_like(x)
    x1 = y1 = 0.0
    for n, xn in enumerate(x.tolist()):
        y1 = b0 * xn - b0 * x1 - a1 * y1
        x1 = xn
        y[n] = y1
    return y


def limiter(x):
    """Peak tracker that falls 25 dB in 75 ms; infinite compression above the peaks of speech at 65 dB SPL."""
    release, attack = 0.075, 0.005
    rms_65 = 10 ** ((65 - 95) / 20) / math.sqrt(2)
    knee = rms_65 * 10 ** (11 / 20)
    fall = 10 ** (-25 / (20 * release * FS))
    weight = 3.912 / (attack * FS)
    env, gain = 0.0, 1.0
    y = np.zeros_like(x)
    for n, xn in enumerate(x.tolist()):
        env = max(abs(xn), env * fall)
        target = 1.0 if env == 0 else min(1.0, knee / env)
        gain = (1 - weight) * gain + weight * target
        y[n] = xn * gain
    return y


def magnitudes(x, hop, channels):
    """[frame, channel]: a frame ends with each hop-th sample; before the first sample there is silence."""
    frames = len(x) // hop
    padded = np.concatenate([np.zeros(N), x])
    starts = hop * np.arange(1, frames + 1)
    n = np.arange(N)
    hann = (1 - np.cos(2 * np.pi * n / N)) / 2
    spectra = np.fft.fft(padded[starts[:, None] + n] * hann, axis=1)
    power = np.abs(spectra * 2 / hann.sum()) ** 2
    bands, first = [], 2
    for width in BINS[channels]:
        weight = {1: 0.98, 2: 0.68}.get(width, 0.65)
        bands.append(np.sqrt(weight * power[:, first : first + width].sum(axis=1)))
        first += width
    return np.stack(bands, axis=1)


def steepness_to_alpha(base, saturation, q=20):
    """alpha at which growth 10 dB below saturation is 1 - Q/100, by the secant method on log alpha."""
    r = (saturation / math.sqrt(10) - base) / (saturation - base)
    miss = lambda log_alpha: math.log1p(math.exp(log_alpha) * r) / math.log1p(math.exp(log_alpha)) - (1 - q / 100)
    x0, x1 = math.log(200), math.log(600)
    while abs(x1 - x0) > 1e-15 * abs(x1) and miss(x1) != miss(x0):
        x0, x1 = x1, x1 - miss(x1) * (x1 - x0) / (miss(x1) - miss(x0))
    return math.exp(x1)


def run(settings, samples):
    electrodes = settings["electrodes"]
    channels = len(electrodes)
    hop = math.ceil(FS / settings["rate_pps"])
    x = device_amplitudes(samples.astype(np.float64), settings["full_scale_db_spl"], settings["sensitivity_db"])
    u = magnitudes(limiter(pre_emphasis(x)), hop, channels)

    # A tone 6 dB below the level of speech that reaches C (65 dB SPL) or T (25) gives v = 1 or 0.
    saturation, base = 10 ** ((65 - 6 - 95) / 20), 10 ** ((25 - 6 - 95) / 20)
    alpha = steepness_to_alpha(base, saturation)
    r = np.clip((u - base) / (saturation - base), 0, 1)
    v = np.log(1 + alpha * r) / np.log(1 + alpha)

    # Channel 0 is the lowest, on the most apical electrode.
    t, c = np.array(settings["t"][::-1]), np.array(settings["c"][::-1])
    levels = np.floor(t + (c - t) * settings["volume"] * v + 0.5).astype(int)
    audible = u >= base
    # The n largest of those above the base; idle pulses fill up. Equals: the lower channel first.
    order = np.argsort(-np.where(audible, u, 0), axis=1, kind="stable")[:, : settings["maxima"]]

    hop_ticks = hop * 640  # 64 us a sample
    lines = []
    for frame, chosen in enumerate(order):
        for slot, channel in enumerate(sorted(chosen, reverse=True)):  # base to apex
            onset = (frame + 1) * hop_ticks + slot * hop_ticks // settings["maxima"]
            level = levels[frame, channel] if audible[frame, channel] else 0
            microamperes = 17.5 * (1750 / 17.5) ** (level / 255) if audible[frame, channel] else 0
            lines.append(f"{onset} {electrodes[channels - 1 - channel]} {level} {microamperes:.6f}\n")
    return lines


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    pulses = run(asked, np.fromfile(sys.argv[2], dtype="<f4"))
    with open(sys.argv[3], "w", encoding="ascii") as file:
        file.writelines(pulses)
