"""Pure numerics: numpy arrays in, arrays out; knows nothing of profiles, windows or reasons.

Two habits hold in every file. *nan marks undefined*: a formula without mass under it (no rows, no
positives) gives nan, never a warning, a zero or an exception; the metrics room turns nan into a
reason. *Counts may be weighted*: they are float64 and any positive scale will do for a value, but
tests and intervals take the counts as rows, so scale weighted counts to `weights.effective_size`
first.
"""
