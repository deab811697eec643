"""The baseline's side of the bench: baseline.py SET OUT, run by bench/main.rs.

SET holds the baseline (baseline.py, detect.py, synth.py, score.py, photos/, truth.json). Writes into OUT:
  frames/   generated pages at 5, 8 and 13 MP, for the times
  pages/    300 generated pages with truth.json, for the accuracy
  desks/    generated desks without a page
  times.json     {"frame": {"decode": ms, ...}}: CPU time of this process, median of several runs
  contours.json, full.json   what the baseline finds in SET's photographs, in pages/ and on the desks
Called twice: `draw` draws the pictures (and leaves those of an earlier run), `run` measures; `frames` and `times` are the parts of
them that the times need.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time

SET, OUT, WHAT = sys.argv[1:4]
sys.path.insert(0, SET)
import cv2  # noqa: E402
import numpy as np  # noqa: E402

import baseline  # noqa: E402
import detect  # noqa: E402
import synth  # noqa: E402

cv2.setNumThreads(1)
RUNS = 7
SEED = 411
MODES = ("contours", "full")


def synthesise(out, n, mp, preset, seed):
    if not os.path.exists(os.path.join(out, "truth.json")):
        command = [sys.executable, os.path.join(SET, "synth.py"), "--out", out, "--n", str(n), "--seed", str(seed)]
        subprocess.run(command + ["--mp", str(mp), "--preset", preset], check=True, stdout=subprocess.DEVNULL)


def frames():
    for mp in (5, 8, 13):
        synthesise(f"{OUT}/frames/{mp}", 3, mp, "camera", SEED)


def draw():
    frames()
    for preset in ("camera", "hand", "card", "hard"):
        synthesise(f"{OUT}/pages/{preset}", 75, 5, preset, SEED)
    os.makedirs(f"{OUT}/desks", exist_ok=True)
    kinds = ("wood", "mat", "fabric", "granite", "white")
    for i in range(60):
        file = f"{OUT}/desks/desk_{i:04d}.jpg"
        if os.path.exists(file):
            continue
        r, rng = random.Random(SEED * 1000 + i), np.random.default_rng(SEED * 1000 + i)
        desk = synth.desk(rng, r, 972, 1296, kinds[i % len(kinds)], np.array([240, 240, 236]))
        yy, xx = np.mgrid[0:972, 0:1296].astype(np.float32)
        light = r.uniform(0.75, 1.0) * (1 + r.uniform(-0.25, 0.25) * (xx - 648) / 1296 + r.uniform(-0.25, 0.25) * (yy - 486) / 972)
        desk = desk * light[..., None] + rng.standard_normal(desk.shape) * r.uniform(1, 4)
        cv2.imwrite(file, np.clip(desk, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])


def median(work):
    work()
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1e3)
    return statistics.median(times)


def shot(data):
    image = cv2.imdecode(data, 1)
    corners = detect.order(np.array(detect.run("contours", image)))
    page = baseline.enhance_color(baseline.warp(image, corners, baseline.warp_size(corners)))
    return cv2.imencode(".jpg", page, [1, 85])


def times():
    out = {}
    for mp in (5, 8, 13):
        for name in sorted(os.listdir(f"{OUT}/frames/{mp}")):
            if not name.endswith(".jpg"):
                continue
            data = np.fromfile(f"{OUT}/frames/{mp}/{name}", np.uint8)
            image = cv2.imdecode(data, 1)
            found = detect.run("contours", image)
            if found is None:
                continue
            corners = detect.order(np.array(found))
            size = baseline.warp_size(corners)
            page = baseline.warp(image, corners, size)
            clean = baseline.enhance_color(page)
            out[f"{mp}/{name}"] = {
                "decode": median(lambda: cv2.imdecode(data, 1)),
                "find": median(lambda: detect.run("contours", image)),
                "warp": median(lambda: baseline.warp(image, corners, size)),
                "clean": median(lambda: baseline.enhance_color(page)),
                "encode": median(lambda: cv2.imencode(".jpg", clean, [1, 85])),
                "whole": median(lambda: shot(data)),
            }
    return out


def found(files):
    out = {mode: {} for mode in MODES}
    for name, file in files:
        image = cv2.imread(file, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        for mode in MODES:
            corners = detect.run(mode, image)
            out[mode][name] = None if corners is None else [[float(x), float(y)] for x, y in corners]
    return out


def run():
    json.dump(times(), open(f"{OUT}/times.json", "w"))
    sets = {"photos": [(name, f"{SET}/photos/{name}") for name in json.load(open(f"{SET}/truth.json"))]}
    for preset in ("camera", "hand", "card", "hard"):
        folder = f"{OUT}/pages/{preset}"
        sets[preset] = [(name, f"{folder}/{name}") for name in json.load(open(f"{folder}/truth.json"))]
    sets["desks"] = [(name, f"{OUT}/desks/{name}") for name in sorted(os.listdir(f"{OUT}/desks"))]
    json.dump({name: found(files) for name, files in sets.items()}, open(f"{OUT}/found.json", "w"))


def only_times():
    json.dump(times(), open(f"{OUT}/times.json", "w"))


{"frames": frames, "draw": draw, "run": run, "times": only_times}[WHAT]()
