"""Patterns of personal data in a text, each with what tells it from other numbers: a check digit, a shape, a word.

Only kinds come out of here, never what was matched. What is missed costs a look; what is wrongly found costs trust, so
a number without any sign of its own (ten digits in a row) is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w-])")
# + or 00 and a country's number; 00 needs a separator behind that, since order numbers start with zeros too.
INTERNATIONAL = re.compile(
    r"(?<![\w+.])(?<!\d )(?:\+[1-9]\d{0,2}|00[1-9]\d{0,2}[ (/-])(?:[ ().\-/]{0,2}\d){6,13}(?![\w])"
)
NATIONAL = re.compile(
    r"(?<![\w.,/+:-])(?<!\d )(?:"
    r"\(\d{3}\) ?\d{3}[ .-]\d{4}"  # (212) 555-0123
    r"|\d{3}([ .-])\d{3}\1\d{4}"  # 212-555-0123
    r"|0[1-9](?:([ .-])\d{2})(?:\2\d{2}){3}"  # 06 12 34 56 78
    r"|0[1-9]\d{0,3}[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}"  # 030/1234567, 020 7946 0958
    r")(?![\w]|[.,/:-]\d)"
)
NATIONAL_DIGITS = 9, 12
DECIMAL = re.compile(r"\+\d+\.\d+")
# What stands before a number and says what it is; the last one said counts.
PHONE_WORDS = re.compile(
    r"\b(?:phone|telephone|tel|call|mobile|cell|fax|whatsapp|handy|telefon|rufnummer|mobil|portable|móvil|"
    r"teléfono|telefono|telefone|celular|telefoon)\b",
    re.IGNORECASE,
)
OTHER_WORDS = re.compile(
    r"(?:\b(?:order|purchase|invoice|bill|ticket|ref|reference|case|item|article|part|serial|model|account|contract|"
    r"tracking|customer|isbn|vat|bestellung|bestellnummer|rechnung|kunden\w*|artikel\w*|auftrag\w*|commande|facture|"
    r"pedido|factura|ordine|fattura|bestelling|factuur)\b|#)",
    re.IGNORECASE,
)
BEFORE = 30  # characters that are looked at for such a word
CARD = re.compile(r"(?<![\w.,+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|3\d{3}([ -])\d{6}\2\d{5})(?![\w]|[.,-]\d)")
CARD_BRANDS = re.compile(  # first digits and lengths that networks of cards give out
    r"4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TR": 26, "AE": 23, "IL": 23, "SA": 24,
}  # fmt: skip
OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
IPV4 = re.compile(rf"(?<![\w.])(?:{OCTET}\.){{3}}{OCTET}(?![\w]|\.\d)")
SECTION = 32  # four numbers all below are a section or a version, not an address


def kinds_in(text: str) -> set[str]:
    """Which kinds of personal data a text seems to hold.

    >>> sorted(kinds_in("Write to jo@example.org or call +49 30 1234567")), kinds_in("order 0030 1234567, 12.03.2024")
    (['e-mail address', 'phone number'], set())
    """
    found = {"e-mail address"} if "@" in text and EMAIL.search(text) else set()
    if not any(map(str.isdigit, text)):
        return found
    tests = {
        "phone number": _has_phone,
        "payment card number": _has_card,
        "bank account (IBAN)": _has_iban,
        "IP address": _has_address,
    }
    return found | {kind for kind, test in tests.items() if test(text)}


def _has_phone(text: str) -> bool:
    shaped = [match for match in INTERNATIONAL.finditer(text) if _is_international(match.group())]
    fewest, most = NATIONAL_DIGITS
    shaped += [match for match in NATIONAL.finditer(text) if fewest <= len(_digits(match.group())) <= most]
    return any(_may_be_a_phone(text, match) for match in shaped)


def _is_international(number: str) -> bool:
    digits = _digits(number)
    is_decimal = DECIMAL.fullmatch(number) is not None
    is_complete = len(digits) == 11 or digits[0] != "1"  # North America's are all of one length
    return is_complete and not is_decimal and not digits.endswith("00000")  # an amount with a sign


def _may_be_a_phone(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - BEFORE) : match.start()]
    phone, other = (_last(words.finditer(before)) for words in (PHONE_WORDS, OTHER_WORDS))
    return phone >= other  # neither: the shape tells


def _last(matches: Iterable[re.Match[str]]) -> int:
    return max((match.start() for match in matches), default=-1)


def _has_card(text: str) -> bool:
    for match in CARD.finditer(text):
        digits = _digits(match.group())
        is_called_otherwise = digits == match.group() and OTHER_WORDS.search(text[: match.start()][-BEFORE:])
        if CARD_BRANDS.fullmatch(digits) and passes_luhn(digits) and not is_called_otherwise:
            return True
    return False


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn, US patent 2,950,048); by chance one in ten is.

    >>> passes_luhn("4111111111111111"), passes_luhn("4111111111111112")
    (True, False)
    """
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _has_iban(text: str) -> bool:
    for match in IBAN.finditer(text):
        code = match.group().replace(" ", "")
        length = IBAN_LENGTHS.get(code[:2])
        if length is not None and len(code) >= length and passes_mod_97(code[:length]):
            return True
    return False


def passes_mod_97(code: str) -> bool:
    """Whether the two digits behind the country check the rest (ISO 13616); by chance one in 97 does.

    >>> passes_mod_97("DE89370400440532013000"), passes_mod_97("DE88370400440532013000")
    (True, False)
    """
    turned = code[4:] + code[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _has_address(text: str) -> bool:
    return any(_is_public(match.group()) for match in IPV4.finditer(text))


def _is_public(address: str) -> bool:
    parts = [int(part) for part in address.split(".")]
    is_own = parts[0] in (0, 10, 127) or parts[:2] == [192, 168] or (parts[0] == 172 and 16 <= parts[1] < 32)
    return max(parts) >= SECTION and not is_own and parts[0] < 224


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
