"""Arrays in, numbers out: metrics, and how sure one may be of them.

For: the value of a metric on N examples, its interval, the interval of a paired difference, forecasts from a few
points. NumPy and SciPy, the latter imported where it is used, so that importing this room costs nothing.

Must not know: class names as users wrote them, files, data sets, models, tasks. Integers stand for classes.

To add a metric: one file named for its idea, with a function for the value and one for ``(low, high)``; the interval's
coverage goes into ``benchmarks/intervals.py`` (classes), ``benchmarks/target_intervals.py`` (grades, labels,
numbers) or ``benchmarks/promised_coverage.py`` (what is promised of a single prediction), and ``benchmarks/results``
says what was observed.

Intervals are of level 0.95 and two-sided. Which one is used where, and why, is told in each file: proportions are
exact, averages over classes or labels and F1 use a proportion's exact interval at the effective sample size, log-loss,
rmse and mae a t interval corrected for skewness, kappa, R squared and paired differences of other than proportions the
jackknife, the calibration error an inverted parametric bootstrap.

Rooms within this one hold what there are several of, one file for each: ``transferability`` scores, which order
pretrained models by their features; ``calibrators``, which make probabilities mean what they say; ``out_of_domain``
detectors, which say how unlike the training data a row is.

``fairness`` asks whether a model is as good for some examples as for others: groups, gaps, and claims that are
corrected for how many were looked at.
"""
