"""How promising frozen features look for some targets, in seconds and without training: higher is better.

For: ordering pretrained models by their features before any is fine-tuned. A score orders models on the same rows; its
value means nothing across data sets or across scores. How well an order agrees with the truth is told by
``evaluation.rank_agreement``.

Must not know: models, files, frameworks. Features are an array ``(N, D)``, targets are ``core.learning.Targets``.

To add a score: one file with a ``PLUGIN`` whose ``build(config)`` returns an object that keeps
``contract.TransferabilityScore``, and whose ``targets`` says which kinds it takes; the mathematics is a function of its
own in the same file. The tests by registry find the file. Constant dimensions, fewer rows than dimensions, duplicates,
float16 and classes of one example give finite numbers; where there is nothing to see, the score is what useless
features get.
"""
