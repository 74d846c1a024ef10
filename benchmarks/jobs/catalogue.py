"""Which jobs there are: data, command, and what to say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobs import grading


@dataclass(frozen=True)
class Job:
    """One command.

    Attributes:
        name: Of its page.
        title: Of its page.
        data: Path below the folder of data sets, or below the work folder where ``make`` made it.
        options: Of ``headstart fit``.
        origin: Where the data come from, and their licence.
        story: What it is about, for the page.
        make: From (data folder, place) to what is fitted, where the set must be made first.
    """

    name: str
    title: str
    data: str
    options: tuple[str, ...]
    origin: str
    story: str
    make: Callable[[Path, Path], Path] | None = None


JOBS = (
    Job(
        "banking_intents", "What does a customer want?", "banking77", (),
        "Banking77, https://github.com/PolyAI-LDN/task-specific-datasets, CC BY 4.0",
        "10,003 questions to a bank in 77 kinds. The text column is found by itself; nothing is set.",
    ),
    Job(
        "support_intents", "Requests to a shop", "customer_support_intents", (),
        "Bitext customer-support intents, "
        "https://github.com/bitext/customer-support-intent-detection-training-dataset, "
        "CDLA-Sharing-1.0",
        "Requests made partly by language generation: words alone do as well, and the evidence says so. The other "
        "columns (category, entities) are left out by themselves and named in the plan.",
    ),
    Job(
        "question_types", "What kind of answer does a question want?", "trec", (),
        "TREC question types, https://github.com/harvardnlp/sent-conv-torch; licence of the data not stated",
        "Six kinds, one of them rare (86 of 5,452), so macro-F1 decides. The column fine_label tells the answer.",
    ),
    Job(
        "several_intents", "Several intents at once", "nlupp_banking_hotels/banking", ("--target", "labels"),
        "NLU++, https://github.com/PolyAI-LDN/task-specific-datasets, CC BY 4.0",
        "A request may hold several intents: names joined by a semicolon become a set of labels.",
    ),
    Job(
        "blood_cells", "Which cells are in a picture?", "bccd_blood_cells/boxes.csv",
        ("--id", "file", "--target", "label"),
        "BCCD, https://github.com/Shenggan/BCCD_Dataset, MIT",
        "The table has one row per cell; --id joins the rows of a picture, and its labels become a set.",
    ),
    Job(
        "grading", "Grading answers from 0 to 5", "grading",
        ("--target", "grade", "--input", "text,answer", "--task", "ordinal"),
        "Made by a stated rule (benchmarks/jobs/grading.py) from SciTLDR, https://github.com/allenai/scitldr, "
        "Apache-2.0",
        "Pairs of texts: the abstract of a paper and an answer, of which none to five fifths are about that paper. "
        "Grades are ordered, so quadratic weighted kappa decides.",
        lambda data, place: grading.make(data / "scitldr_summaries", place),
    ),
    Job(
        "credit_risk", "Credit risk, by sex and age", "german_credit", ("--slices", "personal_status_sex,age"),
        "German credit, https://github.com/jbrownlee/Datasets; licence not stated there",
        "1,000 applicants, 20 columns of codes and numbers. Slices report for whom the model works; they never touch "
        "the split.",
    ),
    Job(
        "churn", "Which customers leave?", "telco_churn", (),
        "IBM telco churn, https://github.com/IBM/telco-customer-churn-on-icp4d, Apache-2.0",
        "Numbers, categories and blanks. The customer's number is left out by itself.",
    ),
    Job(
        "machine_failure", "Machines that will fail", "ai4i2020_machine_failure",
        ("--drop", "TWF,HDF,PWF,OSF,RNF"),
        "AI4I 2020, https://github.com/swapnil-nangare-crave/Predictive-Maintenance; licence not stated there",
        "3.4 % failures, so macro-F1 decides: always saying no would be right 96.6 % of the time. The five "
        "failure-mode columns are known only afterwards; without --drop they are found and named.",
    ),
    Job(
        "solubility", "How well does a molecule dissolve?", "esol_solubility", ("--input", "smiles"),
        "ESOL, https://github.com/deepchem/deepchem, MIT",
        "A number from a line of characters (SMILES): a sentence encoder that has never seen chemistry against n-grams "
        "of characters.",
    ),
    Job(
        "spoken_digits", "A digit from a speaker never heard", "spoken_digits",
        ("--groups", "speaker", "--resplit"),
        "Free Spoken Digit Dataset, https://github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0",
        "1,200 recordings of six people; --groups keeps each person on one side, so the test asks about voices that "
        "were never heard.",
    ),
)  # fmt: skip
