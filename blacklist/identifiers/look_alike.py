"""Whom a domain or a phone number imitates: a warning beside the lists, never a listing.

Called with what ``link`` and ``phone`` understood. Fuzzy matching flags the innocent, so a rule
needs the more beside it the shorter or commoner the brand is. A host imitates an institution when,
its letters folded (``confusables``),

1. the institution's whole domain stands inside it under another one
   (``login.vietcombank.com.vn.evil.example``), or ``gov.vn`` does;
2. a label, or a part of one between hyphens, or several parts or labels joined, *is* a brand
   (``vietcombank.xyz``, ``viet-combank.example``, ``vietcom.bank.example``);
3. a label *holds* a brand of eight letters or more, begins with one of six or seven, or begins or
   ends with one of four or more and the rest are signs (``bidvonline``);
4. a label or part is one letter away from a brand: one added, doubled, dropped, two swapped, one
   replaced. Brands of eight letters or more count anywhere, those of six or seven only under a
   suffix that the institution itself uses, shorter ones only there and when a letter is doubled or
   one is replaced by a look-alike; brands of three letters never.

*Signs* are the words such sites add: ``login``, ``otp``, ``bank``, ``online``, ``vn`` … A brand
that needs one (``institutions.Need``) matches only where the rest of its label is signs, or where
the registrable label beside it is one (``acb.otp-verify.example``), or any label is one of Vietnam.
``login.acb.example`` is just another company of that name. A public suffix is a sign for brands of
six letters or more only (``eximbank.vn``); digits alone are none. Letters of another script are a
sign in themselves, as are digits for letters and hyphens in longer brands.

Never: the institutions' own domains and what lies under them. Under ``gov.vn``, which is given to
state bodies only, a brand is rightly a label of many (``dichvucong.PROVINCE.gov.vn``): there only a
registrable label that is a state body's but for its shape counts (rule 4 from five letters on).
"""

import re
from typing import Final, NamedTuple

import ada_url

from blacklist.identifiers.brand_index import (
    LONG,
    STATE,
    Shapes,
    brand_index,
    find_exact,
    may_be_near_long,
    may_bear_brand,
    nearest,
)
from blacklist.identifiers.confusables import fold_both, fold_script, fold_shape
from blacklist.identifiers.institutions import Brand, Need, own_domains
from blacklist.identifiers.spoofed_lines import imitates_number

__all__ = ["NOTE", "imitates", "imitates_number"]

NOTE: Final = "looks_like"
"""The note under which an imitation is told, level ``caution`` at most."""

_LONG: Final = LONG
_MIDDLE: Final = 6
_SHORT: Final = 4
"""Letters of a brand from which each weaker resemblance counts."""

_STATE_LETTERS: Final = 5
_LONGEST_LABEL: Final = 63
_LONGEST_HOST: Final = 253

_SIGNS_OF_VIETNAM: Final = "vn|vietnam|gov|comvn"
_SIGNS: Final = (
    f"{_SIGNS_OF_VIETNAM}|login|logon|signin|otp|bank|banks|banking|ebank|ebanking|ibank|ibanking"
    "|online|secure|security|verify|verification|auth|account|update|support|service|services"
    "|center|customer|mobile|smart|digital|app|apps|apk|download|card|credit|visa|loan|vay|pay"
    "|payment|wallet|gift|bonus|promo|vip|official|portal|cskh|hotro|dangnhap|dangky|dinhdanh"
    "|xacthuc|xacminh|capnhat|taikhoan|nganhang|tindung|chuyentien|nhanqua|quatang|trian"
    "|khuyenmai|uudai|hoantien|dichvu|tracuu|congan|quocgia"
)
_SIGN: Final = re.compile(f"[0-9]*(?:(?:{_SIGNS})[0-9]*)+")
_SIGN_OF_VIETNAM: Final = re.compile(f"[0-9]*(?:(?:{_SIGNS_OF_VIETNAM})[0-9]*)+")
_SIGN_OR_DIGITS: Final = re.compile(f"(?:{_SIGNS}|[0-9])+")


class _Host(NamedTuple):
    """A host cut for the rules.

    ``labels`` are those before the public suffix, as shown and as folded by ``fold_script``; the
    last is the registrable one. ``is_home``: some institution uses this suffix.
    """

    labels: tuple[str, ...]
    folded: tuple[str, ...]
    suffix: str
    is_home: bool


def imitates(host: str, registrable: str) -> str | None:
    """Return the name of the institution that a host imitates, or None.

    ``host`` and ``registrable`` (its owner's domain) as ``locations.Location`` has them: punycode,
    lower case. Never raises, whatever the texts.
    """
    if not 0 < len(host) <= _LONGEST_HOST or host[-1].isdigit() or host[-1] == "]":
        return None
    if _is_own(host):
        return None
    if host != registrable and not host.endswith(f".{registrable}"):
        registrable = host
    cut = _cut(host, registrable.partition(".")[2])
    if cut.suffix == STATE:
        return _name(_find_in_state(cut))
    return _find_inside(host, cut) or _name(_find_brand(cut))


def _name(brand: Brand | None) -> str | None:
    return brand.owner if brand else None


def _is_own(host: str) -> bool:
    own = own_domains()
    while True:
        if host in own:
            return True
        dot = host.find(".")
        if dot < 0:
            return False
        host = host[dot + 1 :]


def _cut(host: str, suffix: str) -> _Host:
    shown = _show(host) if "xn--" in host and host.isascii() else host
    every = shown.split(".")
    count = suffix.count(".") + 1 if suffix else 0
    labels = tuple(every[: len(every) - count] or every)
    folded = labels if shown.isascii() else tuple(map(fold_script, labels))
    return _Host(labels, folded, suffix, suffix in brand_index().suffixes)


def _show(host: str) -> str:
    """Return a host in its own script, or as it is where that would have other labels."""
    shown = ada_url.idna_to_unicode(host)
    return shown if shown.count(".") == host.count(".") else host


def _find_in_state(cut: _Host) -> Brand | None:
    """Return the state body that a registrable label under ``gov.vn`` is but for its shape."""
    joined = "".join(cut.folded)
    for folded in (cut.folded[-1], joined):
        brand = find_exact(fold_both(folded.replace("-", "")))
        is_disguised = not cut.labels[-1].isascii() or len(folded) >= _STATE_LETTERS
        if brand and STATE in brand.suffixes and is_disguised:
            return brand
    near = nearest(fold_both(cut.folded[-1].replace("-", "")))
    if near is None or STATE not in near.brand.suffixes:
        return None
    return near.brand if near.is_telltale or len(near.brand.label) >= _STATE_LETTERS else None


def _find_inside(host: str, cut: _Host) -> str | None:
    """Rule 1: return whose whole domain stands in the host before its end."""
    if len(cut.labels) == 1:
        return None
    labels = host.split(".")
    domains, first_labels = brand_index().domains, brand_index().first_labels
    for start in range(len(cut.labels) - 1):
        if labels[start] not in first_labels:
            continue
        for end in range(start + 2, min(start + 4, len(labels))):
            name = domains.get(".".join(labels[start:end]))
            if name:
                return name
    return None


def _find_brand(cut: _Host) -> Brand | None:
    """Rules 2 to 4: return the brand that the host bears, of several the longest."""
    found = [brand for at in range(len(cut.labels)) if (brand := _find_in_label(cut, at))]
    if found:
        return max(found, key=lambda brand: len(brand.label))
    return _find_joined(cut) if len(cut.labels) > 1 else None


def _find_in_label(cut: _Host, at: int) -> Brand | None:
    folded = cut.folded[at]
    if len(folded) > _LONGEST_LABEL:
        return None
    if "-" not in folded:
        whole = fold_both(folded)
        if not may_bear_brand(whole, is_at_home=cut.is_home and at == len(cut.labels) - 1):
            return None
        return (
            _find_whole(cut, at, whole)
            or _find_held(folded, whole[0])
            or _find_near(cut, at, whole)
        )
    whole = fold_both(folded.replace("-", ""))
    return (
        _find_whole(cut, at, whole)
        or _find_in_parts(folded.split("-"))
        or _find_held(folded, fold_shape(folded))
        or _find_near(cut, at, whole)
    )


def _find_whole(cut: _Host, at: int, whole: Shapes) -> Brand | None:
    """Rule 2 for a whole label, without its hyphens."""
    brand = find_exact(whole)
    if brand is None:
        return None
    if brand.need is Need.NOTHING or _is_disguised(cut, cut.labels[at], brand):
        return brand
    return brand if _has_sign_beside(cut, at, brand) or _has_sign_behind(cut, brand) else None


def _has_sign_behind(cut: _Host, brand: Brand) -> bool:
    """Tell whether the suffix of a brand that is no abbreviation is a sign: ``.vn``, ``.online``.

    Shorter ones have namesakes there.
    """
    if len(brand.label) < _MIDDLE:
        return False
    sign = _SIGN if brand.need is Need.SIGN else _SIGN_OF_VIETNAM
    top = cut.suffix[cut.suffix.rfind(".") + 1 :]
    return sign.fullmatch(top) is not None


def _is_disguised(cut: _Host, shown: str, brand: Brand) -> bool:
    """Tell whether foreign letters, digits or hyphens hide a brand that others bear, too.

    A hyphen is a disguise at the institution's home only: other banks of the name write one.
    """
    if not shown.isascii():
        return True
    if len(brand.label) < _SHORT or shown == brand.label:
        return False
    return _is_at_home(cut, brand) or shown.replace("-", "") != brand.label


def _is_at_home(cut: _Host, brand: Brand) -> bool:
    """Tell whether the suffix is one that the institution uses."""
    return cut.suffix in brand.suffixes


def _has_sign_beside(cut: _Host, at: int, brand: Brand) -> bool:
    """Tell whether another label than the brand's is a sign; sub-hosts of its owner are none."""
    last = len(cut.labels) - 1
    for other, folded in enumerate(cut.folded):
        is_chosen = other == last and brand.need is Need.SIGN
        sign = _SIGN if is_chosen else _SIGN_OF_VIETNAM
        if other != at and any(sign.fullmatch(part) for part in folded.split("-")):
            return True
    return False


def _find_in_parts(parts: list[str]) -> Brand | None:
    """Rule 2 for what stands between hyphens, rule 4 for long brands there."""
    longest = brand_index().longest * 2
    for start in range(len(parts)):
        joined = ""
        for end in range(start, min(start + 3, len(parts))):
            joined += parts[end]
            if len(joined) > longest:
                break
            brand = find_exact(fold_both(joined))
            if brand and _has_sign_around(brand, parts[:start] + parts[end + 1 :]):
                return brand
    for part in parts:
        near = nearest(fold_both(part)) if len(part) >= _LONG - 1 else None
        if near and len(near.brand.label) >= _LONG and near.brand.need is Need.NOTHING:
            return near.brand
    return None


def _has_sign_around(brand: Brand, rest: list[str]) -> bool:
    if brand.need is Need.NOTHING:
        return True
    whole = "".join(rest)
    if not whole or not _SIGN.fullmatch(whole):
        return False
    return brand.need is Need.SIGN or any(_SIGN_OF_VIETNAM.fullmatch(part) for part in rest)


def _find_held(folded: str, shape: str) -> Brand | None:
    """Rule 3: return the brand that a label of this shape holds."""
    heads = brand_index().heads
    for start in range(len(shape) - _SHORT + 1):
        head = shape[start : start + _SHORT]
        if head not in heads:
            continue
        for label, brand in heads[head]:
            if shape.startswith(label, start) and (
                _is_held_surely(brand, start) or _is_held_with_signs(folded, brand)
            ):
                return brand
    return None


def _is_held_surely(brand: Brand, start: int) -> bool:
    least = _LONG if start else _MIDDLE
    return brand.need is Need.NOTHING and len(brand.label) >= least


def _is_held_with_signs(folded: str, brand: Brand) -> bool:
    """Tell whether a label is the brand with nothing but signs before or after it."""
    if folded.startswith(brand.label):
        rest = folded.removeprefix(brand.label)
    else:
        rest = folded.removesuffix(brand.label)
    parts = [part for part in rest.split("-") if part]
    if rest == folded or not parts:
        return False
    if brand.need is Need.NOTHING:
        return all(map(_SIGN_OR_DIGITS.fullmatch, parts))
    return _has_sign_around(brand, parts)


def _find_joined(cut: _Host) -> Brand | None:
    """Rule 2 for a brand cut by dots."""
    brand = find_exact(fold_both("".join(cut.folded).replace("-", "")))
    if brand is None or len(brand.label) < _SHORT:
        return None
    is_plain = brand.need is Need.NOTHING and len(brand.label) >= _MIDDLE
    return brand if is_plain or _is_at_home(cut, brand) else None


def _find_near(cut: _Host, at: int, whole: Shapes) -> Brand | None:
    """Rule 4 for a whole label; beyond long brands only for the registrable one."""
    is_registrable = at == len(cut.labels) - 1
    counts = (is_registrable and cut.is_home) or may_be_near_long(whole)
    near = nearest(whole) if counts else None
    if near is None:
        return None
    brand, length = near.brand, len(near.brand.label)
    is_foreign = not cut.labels[at].isascii()
    if length >= _LONG and (brand.need is Need.NOTHING or is_foreign):
        return brand
    if not is_registrable or not _is_at_home(cut, brand):
        return None
    if length >= _MIDDLE or (length >= _SHORT and near.is_telltale):
        return brand
    return None
