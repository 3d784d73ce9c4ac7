"""Suspicious-identifier lookup: phone numbers, bank and e-wallet accounts, scam links.

The way of a question (each arrow is one module, imports point to the right only)::

    text ──identify──▶ candidates ──filter──▶ survivors ──store──▶ listings ──judge──▶ verdict
           (pure)        (keys)    definitely not / maybe   (Redis)             (pure)

The way of a feed::

    bytes ──parse──▶ records | rejected ──identify──▶ identifiers ──stage──▶ compare ──▶ sets
          ──▶ journal ──▶ barrier ──▶ acknowledged

Start reading at :mod:`blacklist.lookup` (questions) or :mod:`blacklist.publish` (writes).
"""

from importlib.metadata import version

__version__ = version("blacklist")
