"""Which pretrained networks promise most for a data set: asked for by name or by facts, ordered by measurements.

For: reading how candidates are named (``candidate_names``) and filtered (``where``), what cheap scores say of features
(``votes``), how sure an order is (``resampling``), and the order itself (``ordering``). Arrays and plain facts in, an
order out.

Must not know: where features come from or are kept, cards and weights, files of data, test targets.

To add: a score of features is a file in ``evaluation/transferability``, which ``votes`` finds by itself; a field to
filter by is one entry of ``where.FIELDS``.
"""
