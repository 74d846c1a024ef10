"""The script that most people write: full fine-tuning of a pretrained network in PyTorch.

AdamW at 1e-3 with a cosine schedule, 8 epochs, batch 32, float32, random crops and flips. ``--tuned`` is the same
recipe by somebody who knows the machine: channels-last, an allocator that keeps freed memory, and workers that outlive
an epoch (each fork of a process whose heap stays would cost seconds of copied pages).

    python script.py FOLDER --weights lite0.safetensors --out result.json [--tuned]
"""

from __future__ import annotations

import ctypes
import sys

if "--tuned" in sys.argv:  # before torch makes its first large allocation
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(-4, 0)  # M_MMAP_MAX: large tensors come from the heap, not from a fresh mapping each time
    libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD: and what is freed stays there

import argparse
import json
from pathlib import Path

import timm
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

MEAN = STD = (0.5, 0.5, 0.5)  # what EfficientNet-Lite was trained with
BICUBIC = T.InterpolationMode.BICUBIC


def loaders(folder: Path, batch_size: int, workers: int, keep: bool) -> tuple[DataLoader, DataLoader]:
    finish = [T.ToTensor(), T.Normalize(MEAN, STD)]
    augment = T.Compose([T.RandomResizedCrop(224, interpolation=BICUBIC), T.RandomHorizontalFlip(), *finish])
    centre = T.Compose([T.Resize(256, interpolation=BICUBIC), T.CenterCrop(224), *finish])
    train = datasets.ImageFolder(str(folder / "train"), augment)
    test = datasets.ImageFolder(str(folder / "test"), centre)
    return (
        DataLoader(train, batch_size, shuffle=True, num_workers=workers, persistent_workers=keep),
        DataLoader(test, batch_size, num_workers=workers),
    )


def train(model: nn.Module, batches: DataLoader, epochs: int, lr: float, layout: torch.memory_format) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(batches))
    loss = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for images, targets in batches:
            optimizer.zero_grad()
            value = loss(model(images.to(memory_format=layout)), targets)
            value.backward()
            optimizer.step()
            schedule.step()
            total += value.item()
        print(f"epoch {epoch + 1} of {epochs}: loss {total / len(batches):.3f}", flush=True)


@torch.inference_mode()
def accuracy(model: nn.Module, batches: DataLoader, layout: torch.memory_format) -> tuple[float, int]:
    model.eval()
    right = n = 0
    for images, targets in batches:
        right += int((model(images.to(memory_format=layout)).argmax(1) == targets).sum())
        n += len(targets)
    return right / n, n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds train/ and test/, each with class folders")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    layout = torch.channels_last if args.tuned else torch.contiguous_format
    train_batches, test_batches = loaders(args.folder, batch_size=32, workers=2, keep=args.tuned)
    model = timm.create_model(
        "tf_efficientnet_lite0",
        pretrained=True,
        pretrained_cfg_overlay={"file": str(args.weights)},
        num_classes=len(train_batches.dataset.classes),
    ).to(memory_format=layout)
    train(model, train_batches, args.epochs, lr=1e-3, layout=layout)
    value, n = accuracy(model, test_batches, layout)
    args.out.write_text(json.dumps({"accuracy": value, "n_test": n}))


if __name__ == "__main__":
    main()
