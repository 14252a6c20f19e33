"""Training: from a fixed seed, in one thread, so that the same machine makes the same network."""

import copy
import time

import numpy
import torch
from network import Network
from torch import nn

SEED = 1
BATCH = 64
HIGHEST_RATE = 4e-3
WEIGHT_DECAY = 1e-2
ARITHMETIC_TOLERANCE = 1e-3


def load(folder):
    """(images, labels) of a rendered set: uint8 N x 96 x 96, and 1 for a good part."""
    return numpy.load(folder / "images.npy"), numpy.load(folder / "labels.npy")


def to_input(images):
    """What the network takes: grey / 255, as camera/preprocess.h has it."""
    return torch.from_numpy(images).unsqueeze(1).to(torch.float32) / 255


def train(training, validation, epochs, tell):
    """The trained network, in evaluation mode."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    network = Network()  # not channels_last: Debian 13's PyTorch then computes some convolutions wrongly, see check_arithmetic
    images, labels = training
    check_arithmetic(network, images[:BATCH])
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, HIGHEST_RATE, total_steps=steps, pct_start=0.2)
    for epoch in range(1, epochs + 1):
        began = time.monotonic()
        loss = _epoch(network, images, labels, optimizer, schedule)
        correct = (decide(network, validation[0]) == validation[1]).mean()
        tell(f"epoch {epoch}/{epochs}: loss {loss:.4f}, validation {correct:.4f}, {time.monotonic() - began:.0f} s")
    check_arithmetic(network, images[:BATCH])
    return network.eval()


def check_arithmetic(network, images):
    """Compares a batch with the same in float64, which takes none of the fast paths. In channels_last, logits were off by 4 on a processor
    with AVX-512: training made up for it, validation agreed with training, and the exported model was wrong."""
    with torch.no_grad():
        fast = network.eval()(to_input(images))
        exact = copy.deepcopy(network).double()(to_input(images).double())
    off = (fast - exact).abs().max().item()
    if off > ARITHMETIC_TOLERANCE:
        raise SystemExit(f"this PyTorch computes wrongly on this processor (a logit is off by {off:.2g}): train on another")


def _epoch(network, images, labels, optimizer, schedule):
    network.train()
    order = torch.randperm(len(images)).numpy()
    total, batches = 0.0, len(images) // BATCH
    for batch in range(batches):
        chosen = order[batch * BATCH : (batch + 1) * BATCH]
        loss = nn.functional.cross_entropy(network(_mirrored(images[chosen])), torch.from_numpy(labels[chosen]).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
    return total / batches


def _mirrored(images):
    """Half of the batch each way: a scratch is one from any side."""
    images = images.copy()
    for axis in (1, 2):
        some = torch.rand(len(images)).numpy() < 0.5
        images[some] = numpy.flip(images[some], axis)
    return to_input(images)


def decide(network, images):
    """1 for each image found good. A tie is no good part, here and on the target."""
    network.eval()
    with torch.no_grad():
        logits = [network(to_input(images[at : at + 256])) for at in range(0, len(images), 256)]
    logits = torch.cat(logits).numpy()
    return (logits[:, 1] > logits[:, 0]).astype(numpy.uint8)
