"""The stages of a network in a training, for the evidence and for the plan that is told before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.training.setup import Setup


def stages(backbone: Backbone, setup: Setup) -> list[dict[str, Any]]:
    """Each stage: its name, whether it is trained, its parameters."""
    from headstart.engine.training.freezing import parameters_by_stage

    frozen = setup.settings["freeze"]
    return [
        {"stage": name, "trained": number >= frozen, "parameters": count}
        for number, (name, count) in enumerate(zip(backbone.stages, parameters_by_stage(backbone), strict=True))
    ]


def stage_lines(backbone: Backbone, setup: Setup, mib: float) -> list[str]:
    """The plan of a training, as lines."""
    settings, predicted = setup.settings, setup.predicted
    width = max(len(name) for name in backbone.stages)
    lines = [f"  {'stage':<{width}}  parameters  "]
    for each in stages(backbone, setup):
        state = "trained" if each["trained"] else "frozen"
        lines.append(f"  {each['stage']:<{width}}  {each['parameters']:>10,}  {state}")
    if settings["keep"]:
        views = f"{settings['views']} augmented views" if settings["views"] else "one view"
        lines.append(f"  kept after {settings['freeze']} stages: {views} of each training example, {mib:.0f} MiB")
    else:
        lines.append("  nothing is kept: every epoch prepares its own views")
    lines.append(
        f"  {settings['epochs']} epochs in {settings['precision']} at a rate of {settings['lr']:.2g}: "
        f"about {predicted['epoch']:.1f} s each, {predicted['all']:.0f} s in all"
    )
    if setup.shortened:
        lines.append(f"  {setup.shortened}")
    return lines
