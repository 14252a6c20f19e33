#!/usr/bin/python3 -Es
"""The part of `train` that needs Debian 13's libraries. In the folder --work are the rendered sets; there it leaves scratch.onnx,
samples.png and results.json, or with --evaluate-only reads scratch.onnx and leaves results.json."""

import argparse
import contextlib
import json
import pathlib
import sys
import time

from quiet import standard_error_closed

with standard_error_closed():
    import onnx.reference  # before onnxruntime, whose quantiser fails otherwise; so it is not in alphabetical order
    import learn
    import numpy
    import onnxruntime
    import quantise
    import score
    import sheet
    import torch
    from network import cost


def tell(text):
    with contextlib.suppress(OSError):  # as fixtures/debian/streams.py has it, which is not in this tree: nobody need read it
        print(text, file=sys.stderr, flush=True)


class Times:
    """Seconds of each step."""

    def __init__(self):
        self.seconds = {}

    def of(self, step, work, *arguments):
        began = time.monotonic()
        result = work(*arguments)
        self.seconds[step] = round(time.monotonic() - began)
        tell(f"{step}: {self.seconds[step]} s")
        return result


def versions():
    modules = (("torch", torch), ("onnx", onnx), ("onnxruntime", onnxruntime), ("numpy", numpy))
    return {"python": sys.version.split()[0], **{name: module.__version__ for name, module in modules}}


def make(work, epochs):
    times, model = Times(), work / "scratch.onnx"
    training, validation, test = (learn.load(work / name) for name in ("training", "validation", "test"))
    network = times.of("training", learn.train, training, validation, epochs, tell)
    times.of("quantising", quantise.quantise, network, learn.to_input(training[0][: quantise.CALIBRATION_IMAGES]), model)
    problems = quantise.problems(model)
    if problems:
        raise SystemExit(f"{model}: " + "; ".join(problems))
    in_float = learn.decide(network, test[0])
    in_int8 = times.of("scoring in int8", score.decide, model, test[0])
    sheet.draw(test[0], test[1], in_int8, work / "samples.png")
    parameters, multiply_adds = cost(network)
    return {
        "float": score.score(test[1], in_float),
        "int8": score.score(test[1], in_int8),
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "operators": quantise.operators(model),
        "epochs": epochs,
        "seconds": times.seconds,
        "versions": versions(),
    }


def evaluate(work):
    images, labels = learn.load(work / "test")
    return {"int8": score.score(labels, score.decide(work / "scratch.onnx", images))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: make_model.py --work /tmp/work --epochs 8")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder with training/, validation/ and test/")
    parser.add_argument("--epochs", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--evaluate-only", action="store_true", help="only score scratch.onnx on test/")
    options = parser.parse_args()
    results = evaluate(options.work) if options.evaluate_only else make(options.work, options.epochs)
    (options.work / "results.json").write_text(json.dumps(results), encoding="utf-8")


main()
