"""A slice of a backbone's stages made runnable fast, and the choice between the ways of doing so.

For: one plugin file per backend (eager PyTorch is the reference), the ONNX graph that the others read, the check that
two backends agree, the choice measured on the machine, and the memory allocator's settings.

Must not know: where inputs come from, what is kept of the outputs, what the features are used for.

To add a backend: one file with a class that has the members of :class:`headstart.runtimes.contract.Runtime`, a config
whose ``precision`` is a ``Literal`` of what it offers, and ``PLUGIN``; within PyTorch a subclass of
:class:`headstart.runtimes.torch_runtime.TorchRuntime`. The choice and the tests find it by its file.
"""
