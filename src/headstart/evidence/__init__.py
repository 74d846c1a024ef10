"""What a result is worth: the guard, the comparisons, the verdict, and evidence.json.

For: deciding on folds which candidate ships (``guard``), comparing it with the others on the unsealed test split,
saying in one sentence whether transfer helped, and gathering everything in one document.

Must not know: files of the user, what inputs are, how features were computed, how a page looks. It is handed outputs
and a task that says what they mean.

To add: a new section of evidence.json is one new file with a pure function, called by ``document``.
"""
