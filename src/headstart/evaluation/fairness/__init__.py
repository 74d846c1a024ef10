"""Is the model as good for some as for others? Figures by group, gaps between groups, and how sure one may be of both.

For: a section of evidence (``report.report``) from columns that say who an example is about, and what a model said.
Groups come from ``groups``, what is measured from ``judged`` and ``aspects``; ``estimates`` gives a group's figure and
limits, ``measures`` lists them, ``against_rest`` compares each group with all others under one correction, ``gaps``
holds the criteria that people know by name, ``worst`` the group that is worst off, ``words`` the sentences.

Must not know: class names as users wrote them, tasks, models, files. Which criterion is the right one is not ours to
say: several of them cannot hold together where groups differ in their share of positives (Kleinberg, Mullainathan &
Raghavan, ITCS 2017, arXiv:1609.05807; Chouldechova, Big Data 2017, arXiv:1610.07524).

To add a criterion: an aspect in ``aspects.py`` if it is an average over some examples of a group, or a gap in
``gaps.py`` from aspects; its coverage goes into ``benchmarks/fairness_coverage.py``.
"""
