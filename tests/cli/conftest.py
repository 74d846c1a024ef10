from cli.helpers_cli import headstart_command
from shared_run import shared, warm
from tiny_models import sound_model, text_model

__all__ = ["headstart_command", "shared", "sound_model", "text_model", "warm"]
