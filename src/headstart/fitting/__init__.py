"""A whole fit, step by step, and what it leaves: plan, choice, evidence, bundle, page.

For: ``carry_out``, which calls the rooms below in the order of the plan, and the files of a run folder that follow
from the choice.

Must not know: arguments, terminals, what verbs return.

To add: a step is a function that takes what the one before gave; its files belong to it.
"""
