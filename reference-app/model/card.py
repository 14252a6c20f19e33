"""The model's card: model_card.json for programs, MODEL_CARD.md for people."""

import json

from recipe import METADATA


def as_json(results, sets, size, digest):
    kept = ("float", "int8", "parameters", "multiply_adds", "operators", "epochs", "versions")
    return json.dumps({**METADATA, "bytes": size, "sha256": digest, "sets": sets, **{key: results[key] for key in kept}}, indent=1) + "\n"


def as_text(results, sets, size):
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    operators = ", ".join(f"{name} ({count})" for name, count in results["operators"].items())
    seconds = ", ".join(f"{step} {count} s" for step, count in results["seconds"].items())
    return TEXT.format(
        **METADATA,
        sets=_sets(sets),
        scores=_scores(results),
        in_int8=f"{results['int8']['accuracy']:.2%}",
        parameters=f"{results['parameters']:,}",
        multiply_adds=f"{results['multiply_adds'] / 1e6:.1f} million",
        size=f"{size:,}",
        epochs=results["epochs"],
        operators=operators,
        versions=versions,
        seconds=seconds,
    )


def _sets(sets):
    rows = [f"| {name} | {one['first_seed']:,} | {one['count']:,} |" for name, one in sets.items()]
    return "\n".join(["| set | first seed | parts |", "|---|---|---|", *rows])


def _scores(results):
    names = list(results["int8"]["confusion"])
    rows = ["| on the test set | accuracy | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for kind in ("float", "int8"):
        score = results[kind]
        counts = " | ".join(f"{score['confusion'][name]:,}" for name in names)
        rows.append(f"| {kind} | {score['accuracy']:.2%} | {counts} |")
    return "\n".join(rows)


TEXT = """# {name}, version {version}

Written by `reference-app/model/train`; the same figures for programs are in `model_card.json`.

## What it is

A classifier of grey pictures, 96x96, of phone shells: OK, or NG where there is a scratch. It is the load of the
reference inspection program, whose timing Loopgate measures: real enough that decisions can be right and wrong, and
synthetic throughout. It has never seen a photograph and is of no use on a production line.

## Data

Every picture is painted by `camera/part_painter.cpp` (160x160: rim, camera island with two or three lenses, brushed
metal, glare, uneven light, noise; random place, turn and brightness) and resized by `camera/preprocess.cpp`: the
program's own camera and its own preprocessing. A bad part is the same picture with one curved scratch, brighter or
darker than the metal. Half of each set is good. The sets share no seed:

{sets}

The program's camera takes its seeds from a hash: that its bank shares a part with one of them has a chance below 1 in 10^12.

## Scores

{scores}

"NG as OK" is a scratch that was missed. `samples.png` shows parts of the test set as the network sees them: below a good
part that passed the caption is grey, below a misjudged one red. The test set is decided on after training; no
epoch, threshold or setting was chosen by it.

**Decision:** OK where the logit of OK is above that of NG; a tie is NG. Nothing else is a threshold.

## Network

Inverted residual blocks as in MobileNetV2 with ReLU (`network.py`): {parameters} parameters, {multiply_adds}
multiply-adds, {epochs} epochs. Quantised to int8 after training (activations with a zero point, weights symmetric
and by channel, ranges as the largest and smallest value of 300 training parts): {size} bytes.

- Input `image`: 1x1x96x96, grey / 255. The graph's first node quantises it; the program does that by a table.
- Output `logits`: 1x2, NG and OK.
- Operators: {operators}. A ReLU is the lower end of its int8 range.
- Metadata: `name`, `version`, `classes` ({classes}).

## Limits

- A scratch's middle lies below the camera island and off the rim; its ends may reach both. It is at least 18 of the frame's
  160 pixels long and differs from the metal, where it is widest, by at least 30 of 256 grey levels. Fainter, shorter or
  other damage was neither trained nor tested.
- One lens, one distance, one kind of shell, turned by at most 7 degrees.
- int8 results differ by engine and instruction set in single steps of a logit; the {in_int8} are onnxruntime's.

## To make it again

    reference-app/model/train                   # about a quarter of an hour on one core
    reference-app/model/train --evaluate-only   # scores the file that is there, and compares with model_card.json

Training runs in one thread from a fixed seed: the same machine makes the same bytes. Another type of processor adds up in
another order, makes a slightly other network, and the card that goes with it.

Versions: {versions} (Debian 13). Time: {seconds}.
"""
