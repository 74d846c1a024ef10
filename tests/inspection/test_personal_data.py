from __future__ import annotations

import json

import pytest

from headstart.inspection.checks.personal import kinds_in, passes_luhn, passes_mod_97
from inspection.made_examined import checked, column, make_examined

HOLDS = {
    "e-mail address": ("mail john.doe+x@mail.example.co.uk.", "<jo@example.org>"),
    "phone number": (
        "call me at 212-555-0123",
        "(212) 555-0123",
        "my phone number is 030/1234567",
        "+49 (0)30 1234-567",
        "+447700900123",
        "0044 20 7946 0958",
        "06 12 34 56 78",
        "order 12 is late, my tel. is 0171 1234567",
    ),
    "payment card number": ("4111 1111 1111 1111", "card 4111111111111111", "3782 822463 10005"),
    "bank account (IBAN)": (
        "DE89 3704 0044 0532 0130 00 please",
        "GB82 WEST 1234 5698 7654 32 THEN",
        "NL91ABNA0417164300",
    ),
    "IP address": ("from 84.23.11.200 yesterday",),
}
HOLDS_NOTHING = (
    "cancel purchase 113542617735902",
    "canceling purchase 00004587345",
    "order 212-555-0123",
    "order number 4111111111111111",
    "2024-01-15 10:30",
    "01-02-2024 12",
    "from 01 2024 to 02 2025",
    "price 1,234,567.89 and 0.123456789",
    "1 000 000 000",
    "+1000000 points",
    "+3.14159265",
    "version 1.2.3.4 and 10.0.0.1 and 192.168.178.22 and 127.0.0.1",
    "ISBN 978-3-16-148410-0",
    "4111 1111 1111 1112",
    "DE88 3704 0044 0532 0130 00",
    "a@b and @handle and user@localhost",
    "2,147,483,647",
    "invoice #85632",
    "serial 030 1234567",
    "1990-2000 and 1995 2005 2015",
    "123456789012",
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HOLDS.items() for text in texts])
def test_a_text_holds_this_kind_and_no_other(kind, text):
    assert kinds_in(text) == {kind}


@pytest.mark.parametrize("text", HOLDS_NOTHING)
def test_numbers_of_other_kinds_are_nothing(text):
    assert kinds_in(text) == set()


def test_check_digits_by_hand():
    # 7992739871 doubled from the right: 2 7+... the textbook's example, whose check digit is 3
    assert [digit for digit in "0123456789" if passes_luhn("7992739871" + digit)] == ["3"]
    codes = [f"GB{check:02d}WEST12345698765432" for check in range(2, 99)]
    assert [code for code in codes if passes_mod_97(code)] == ["GB82WEST12345698765432"]


def test_counts_by_kind_and_never_what_was_matched():
    texts = ["nothing here to see"] * 8 + ["write to jo@example.org", "jo@example.org or +447700900123"]
    found = checked("personal_data", make_examined(["a", "b"] * 5, contents=texts, modality="text"))[0]
    assert (found.id, found.severity) == ("personal_data", "warning")
    assert found.what == ("2 of 10 examples seem to hold personal data: e-mail addresses in 2, phone numbers in 1.")
    assert [(suspect.row, suspect.why) for suspect in found.suspects] == [
        (8, "e-mail address"),
        (9, "e-mail address, phone number"),
    ]
    written = json.dumps(found.to_dict())
    assert "jo@" not in written and "7700" not in written


def test_columns_of_text_are_looked_at_and_numbers_are_not():
    table = {"contact": column(["jo@example.org", None] * 5), "size": column([4111111111111111.0] * 10, "number")}
    found = checked("personal_data", make_examined(["a", "b"] * 5, modality="table", table=table))[0]
    assert found.evidence["columns"] == ["contact"] and found.evidence["counts"] == {"e-mail address": 5}


def test_ordinary_texts_hold_none():
    assert checked("personal_data", make_examined(["a", "b"], contents=["one text", "room 101"], modality="text")) == []
