"""Why did the model predict that: which parts of an input its answer rests on, checked and not only drawn.

For: attributions of one example, a figure for every unit of it (cells of a picture or of a recording, words, columns),
and how far they can be trusted (``checks``): does the answer change as they say when units are taken away, and does
the map depend on what the network learned. Nearest training examples are found here too, in features that others give.

Must not know: run folders, pages, terminals. Nothing of an example is kept, and nothing is written into a bundle.

To add: an explainer is one file in ``explainers`` with a ``PLUGIN`` whose ``build(config)`` returns an object with
``explain(question) -> Attribution``; a kind of input is one file in ``units`` (what can be taken away), and one in
``paths`` where gradients can be taken along a way from nothing to the input. Torch is imported in ``paths``,
``network`` and the explainers that need gradients alone, so the others run where it is not installed.
"""
