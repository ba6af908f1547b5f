"""Texts and numbers in the reader's language, from the catalogues in texts/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Language = Literal["en", "nb"]
LANGUAGES = ("en", "nb")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built
PARTS = (
    "",
    "report_",
    "compare_",
    "ac_",
)  # files of a catalogue: en.yaml, report_en.yaml and so on


@dataclass(frozen=True)
class Messages:
    """One catalogue.

    Parameters
    ----------
    texts : dict of str
        Text by key, with {names} to fill in.
    """

    texts: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its names filled in."""
        return self.texts[key].format(**values)

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with the language's separators, which never break over two lines.

        Examples
        --------
        >>> messages("en").number(1234.5, 1), messages("nb").number(12.5, 1)
        ('1,234.5', '12,5')
        """
        text = f"{value:,.{decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        separators = {",": self.texts["thousands"], ".": self.texts["decimal"], "-": "−"}
        return "".join(separators.get(sign, sign) for sign in text)

    def hours(self, count: float) -> str:
        r"""Write a number of hours.

        Examples
        --------
        >>> messages("en").hours(1), messages("nb").hours(1472.0)
        ('1 hour', '1\xa0472 timer')
        """
        return self("hours_one" if count == 1 else "hours_many", hours=self.number(count))

    def mw(self, value: float) -> str:
        """Write megawatts: one decimal where it says something, none from 100 MW up.

        Examples
        --------
        >>> [messages("en").mw(mw) for mw in (5.5, 12.0, 99.96, 228.4, 849.47)]
        ['5.5', '12', '100', '228', '849']
        """
        rounded = round(value, 1)
        whole = abs(rounded) >= 100 or rounded == round(rounded)
        return self.number(value, 0 if whole else 1)  # not rounded twice

    def percent(self, share: float) -> str:
        """Write a share in per cent, with a decimal where it has any.

        Examples
        --------
        >>> [messages("nb").percent(share) for share in (0.01, 0.025)]
        ['1', '2,5']
        """
        percent = round(100 * share, 2)
        return self.number(percent, 0 if percent == round(percent) else 1)

    def day(self, value: date) -> str:
        """Write a date.

        Examples
        --------
        >>> messages("nb").day(date(2026, 5, 17))
        '17. mai 2026'
        """
        month = self.texts["months"].split()[value.month - 1]
        return self("date", day=value.day, month=month, year=value.year)


@cache
def messages(language: Language) -> Messages:
    """Read the catalogue of a language.

    Raises
    ------
    ValueError
        For a language without a catalogue.
    """
    if language not in LANGUAGES:
        msg = f"no texts in language {language!r}; there are: {', '.join(LANGUAGES)}"
        raise ValueError(msg)
    texts: dict[str, str] = {}
    for part in PARTS:
        source = files("gridplan.base") / "texts" / f"{part}{language}.yaml"
        texts |= yaml.load(source.read_text(encoding="utf-8"), Loader=LOADER)
    return Messages(texts)
