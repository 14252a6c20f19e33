"""The network: inverted residual blocks as in MobileNetV2, small enough for a few milliseconds on one core."""

import torch
from recipe import CLASSES
from torch import nn

INPUT = 96  # pixels each way
STEM = 16
# Channels within the block, channels it gives, stride.
BLOCKS = ((32, 24, 2), (48, 24, 1), (72, 32, 2), (96, 32, 1), (128, 48, 2), (192, 48, 1))
HEAD = 128


def convolution(channels, out, kernel=1, stride=1, groups=1, activation=True):
    """ReLU and not ReLU6: without an upper bound it is the lower end of the quantised range, and costs nothing."""
    layers = [
        nn.Conv2d(channels, out, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(out),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if activation else nn.Sequential(*layers)


class Block(nn.Module):
    def __init__(self, channels, inner, out, stride):
        super().__init__()
        self.residual = stride == 1 and channels == out
        self.layers = nn.Sequential(
            convolution(channels, inner),
            convolution(inner, inner, kernel=3, stride=stride, groups=inner),
            convolution(inner, out, activation=False),
        )

    def forward(self, values):
        return values + self.layers(values) if self.residual else self.layers(values)


class Network(nn.Module):
    """(N, 1, 96, 96) of grey / 255 to (N, 2): what speaks for NG, and for OK."""

    def __init__(self):
        super().__init__()
        layers = [convolution(1, STEM, kernel=3, stride=2)]
        channels = STEM
        for inner, out, stride in BLOCKS:
            layers.append(Block(channels, inner, out, stride))
            channels = out
        layers.append(convolution(channels, HEAD))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(HEAD, len(CLASSES))

    def forward(self, images):
        # A reshape and not a flatten: only the former has an int8 form in onnxruntime's quantiser.
        return self.classifier(self.pool(self.features(images)).reshape(-1, HEAD))


def cost(network):
    """(parameters, multiply-adds of one image), as they are once batch normalisation is folded into the convolutions."""
    parameters, multiply_adds, hooks = 0, 0, []

    def count(module, _, output):
        nonlocal parameters, multiply_adds
        weights = module.weight.numel()
        parameters += weights + module.weight.shape[0]  # and a bias each
        multiply_adds += weights * output.shape[2:].numel()

    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(count))
    with torch.no_grad():
        network.eval()(torch.zeros(1, 1, INPUT, INPUT))
    for hook in hooks:
        hook.remove()
    return parameters, multiply_adds
