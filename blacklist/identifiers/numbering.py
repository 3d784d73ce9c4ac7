"""What the numbering plans say, as patterns compiled once from the library's own metadata.

Spares the library's parser where the answer is plain: it reads about 30,000 numbers a second, these
patterns a million. A property test holds them equal to the library.
"""

import re
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    format_number,
    region_code_for_country_code,
)

_REGIONS: Final = 512
"""More than there are: every region's pattern is compiled once."""

_GROUPING_DIGITS: Final = 3
"""How far into a number Vietnam's plan looks to tell how it is grouped (``2[48]``, ``1[26]``)."""


class PlainForm(NamedTuple):
    """How a fixed or mobile number in use in a region is dialled, without separators.

    Groups of ``pattern``: ``prefix`` is what comes first (``+84``, ``0084``, ``84``, ``0`` or
    nothing), ``national`` the number proper. ``needs_prefix`` says that nobody in the region leaves
    the prefix out.
    """

    country_code: int
    pattern: re.Pattern[str]
    needs_prefix: bool


@lru_cache(maxsize=_REGIONS)
def plain_form(region: str) -> PlainForm | None:
    """Return how numbers are dialled in a region (ISO 3166 alpha-2, upper case), if it has any."""
    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None or plan.country_code is None or plan.general_desc is None:
        return None
    prefixes = [rf"\+{plan.country_code}", f"00{plan.country_code}", str(plan.country_code)]
    if plan.national_prefix:
        prefixes.append(plan.national_prefix)
    numbers = "|".join(
        rf"(?=\d{{{length}}}\Z)(?:{described.national_number_pattern})"
        for described in (plan.mobile, plan.fixed_line)
        if described is not None and described.national_number_pattern
        for length in described.possible_length or plan.general_desc.possible_length
    )
    pattern = f"(?P<prefix>{'|'.join(prefixes)})?(?P<national>{numbers or '(?!)'})"
    return PlainForm(plan.country_code, re.compile(pattern, re.ASCII), plan.national_prefix == "0")


@lru_cache(maxsize=_REGIONS)
def trunk_prefix(country_code: int) -> re.Pattern[str] | None:
    """Return the pattern of what the library takes off the front of a country's numbers, if any."""
    region = region_code_for_country_code(country_code)
    plan = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    if plan is None or not plan.national_prefix_for_parsing:
        return None
    return re.compile(plan.national_prefix_for_parsing)


@lru_cache(maxsize=_REGIONS)
def _general_pattern(country_code: int) -> re.Pattern[str]:
    region = region_code_for_country_code(country_code)
    plan = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    described = plan.general_desc if plan is not None else None
    return re.compile((described and described.national_number_pattern) or "(?!)", re.ASCII)


def is_well_formed(e164: str, country_code: int) -> bool:
    """Tell whether a number has the shape of its plan's numbers, in use or not."""
    return _general_pattern(country_code).fullmatch(e164[len(f"+{country_code}") :]) is not None


def show_plain(country_code: int, national: str) -> str:
    """Return a plain Vietnamese number as the library would in its international format."""
    start, ends = _grouping(country_code, national[:_GROUPING_DIGITS], len(national))
    if len(ends) == 2:  # noqa: PLR2004 - nearly all of them; twice as fast as the loop
        one, two = ends
        return f"{start}{national[:one]} {national[one:two]} {national[two:]}"
    return start + " ".join(
        [national[begin:end] for begin, end in pairwise((0, *ends, len(national)))]
    )


@lru_cache(maxsize=2048)
def _grouping(country_code: int, head: str, length: int) -> tuple[str, tuple[int, ...]]:
    """Return ``+84 `` and where the groups of numbers with these first digits end but the last."""
    sample = PhoneNumber(country_code=country_code, national_number=int(f"{head:1<{length}}"))
    _, *groups = format_number(sample, PhoneNumberFormat.INTERNATIONAL).split(" ")
    return f"+{country_code} ", tuple(accumulate(map(len, groups[:-1])))
