from shared_run import shared, warm
from tiny_models import sound_model, text_model

__all__ = ["shared", "sound_model", "text_model", "warm"]
