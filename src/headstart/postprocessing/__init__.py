"""What is done to a head's outputs before anyone reads them, and what is said beside the prediction.

For: calibrated outputs, sets that hold the truth as often as was promised, whether the model should rather not answer,
whether an input is of another kind than those learned from. ``choosing`` decides these on held-out rows,
``Postprocessing`` applies them, in NumPy, wherever a bundle goes.

Must not know: files, networks, how a model was fitted. The mathematics is in ``evaluation``.

To add: a calibrator is a file in ``evaluation/calibrators``, a measure of strangeness one in
``evaluation/out_of_domain``; something else that is said of a prediction is a file here, with its columns in
``postprocessing.py``.
"""
