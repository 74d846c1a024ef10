"""What happens to an input before the first stage: data that travels with the weights; ``data/modalities`` executes it.

To add: a file whose ``PLUGIN`` holds the config; its name is the ``kind``.
"""

from headstart.core.preprocessing.base import AnyPreprocessing, Preprocessing, parse_preprocessing
from headstart.core.preprocessing.image import ImagePreprocessing
from headstart.core.preprocessing.sound import SoundPreprocessing
from headstart.core.preprocessing.text import TextPreprocessing

__all__ = [
    "AnyPreprocessing",
    "ImagePreprocessing",
    "Preprocessing",
    "SoundPreprocessing",
    "TextPreprocessing",
    "parse_preprocessing",
]
