"""Two domains whose classes are not the same: which classes the target lacks, which of its rows belong to none.

Partial set: the target has fewer classes (Cao, Ma, Long & Wang, ECCV 2018, https://arxiv.org/abs/1808.04205).
``absent.py`` finds which; ``present.py`` leaves their source rows out and keeps them from being the answer.
Open set: the target has others besides (Panareda Busto & Gall, ICCV 2017). ``unknown.py`` tells their rows apart.
Both act before any adapter is tried, so that what has no counterpart in the other domain pulls nothing there.
"""
