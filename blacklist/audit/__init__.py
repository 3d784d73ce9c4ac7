"""The audit trail: who asked what, for which purpose, and what was answered.

    request ──put──▶ queue ──thread──▶ lines, each chained to the one before ──▶ a file a worker a
    day
                                                                     └──▶ a signed digest a day

``notes`` is what a request leaves, ``lines`` what is written of it, ``chain`` how lines hang
together, ``files`` one file, ``trail`` the thread that writes, ``days`` the digests and how long
days are kept, ``proof`` what finds whatever was changed, ``search`` what reads it again. No
identifier, no address and no reference is ever written, only keyed pseudonyms. Called by the web
and the command line; it knows neither.
"""
