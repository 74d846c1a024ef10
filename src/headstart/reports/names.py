"""Names that came from outside, made short enough for a drawing or a table head."""

from __future__ import annotations

import unicodedata

# What the candidates and comparisons that come with Headstart are called in a sentence; others keep their own name.
READABLE = {
    "majority_class": "Always the most common answer",
    "mean_target": "Always the mean",
    "knn": "Nearest neighbours (kNN)",
    "random_weights": "Same network, random weights",
    "pixel_histograms": "Colours and edges, no network",
    "tfidf": "Counted words and characters, no network",
    "logmel_stats": "Loudness by pitch, no network",
    "columns": "Linear model on the columns",
    "boosting": "Boosted trees on the columns",
    "linear_probe": "Linear probe",
    "root_probe": "Linear probe on square roots",
    "boosted_directions": "Boosted trees on the features",
    "lp_ft": "Probe, then fine-tuning (LP\u2011FT)",
    "fine_tune": "Fine-tuning",
    "from_scratch": "Same network, from scratch",
    "gradual_unfreeze": "Gradual unfreezing",
    "l2_sp": "Fine-tuning near the start (L2\u2011SP)",
    "bss": "Fine-tuning with BSS",
    "wise_ft": "WiSE\u2011FT",
    "greedy_soup": "Greedy soup",
    "lora": "LoRA",
    "bitfit": "BitFit",
    "ssf": "SSF",
}


def readable(name: object) -> str:
    """A plugin's name for people; a name that is not known stays as it is."""
    text = str(name)
    return READABLE.get(text, text)


def shorten(name: object, longest: int = 40) -> str:
    """Cut the middle out of a long name, so that both ends stay told apart; the result is at most ``longest`` long.

    >>> shorten("a_very_long_file_name_indeed.jpg", 17)
    'a_very_l\u2026deed.jpg'
    """
    text = " ".join(str(name).split()) or "(empty)"
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    tail = longest - 1 - head
    start = len(text) - tail
    while start < len(text) and (unicodedata.combining(text[start]) or text[start] in "\u200d\ufe0f"):
        start += 1  # a mark without its letter, or half of a joined emoji, would change its neighbour
    return f"{text[:head].rstrip(chr(0x200D))}\u2026{text[start:]}"


def quoted(name: object, longest: int = 40) -> str:
    """A foreign name inside one of our sentences: short, in quotation marks, its writing direction kept to itself."""
    return f"\u201c\u2068{shorten(name, longest)}\u2069\u201d"
