"""The train loop, once: for any train method, modality and kind of target."""
