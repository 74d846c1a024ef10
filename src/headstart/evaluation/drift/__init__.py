"""Whether two samples come from one distribution, from counts and sums alone, and what a change means.

For: a monitor that keeps no examples. Every test compares a window with a reference of finite size; none takes the
reference for the truth.

Must not know: windows in time, bundles, which variable a count belongs to.

To add: a statistic is a file here that takes counts or sums.
"""
