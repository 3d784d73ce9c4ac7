"""The store: the only importer of redis.

``connect`` (clients and errors), ``embedded`` (a server of our own), ``meta`` (identity and
schema), ``sources``, ``listings`` (the sets), ``journal``, ``snapshot`` (filters), ``durability``.
"""

from redis import Redis as Client

__all__ = ["Client"]
