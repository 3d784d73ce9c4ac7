"""gunicorn's settings for ``gunicorn wsgi:app`` in this folder: those of ``blacklist serve``.

They stand in blacklist/web/server.py; here is why. Measured by ``scripts/benchmark gunicorn`` on 2
cores (AMD EPYC, 23.5 GiB, Python 3.11.7, gunicorn 27.0.1), twice, while other work ran. Numbers are
answers a second in ratio to these settings: a clean number, a listed one, batches of 1,000. The
same settings once more gave 1.09, 0.96, 0.89 and 1.08, 1.04, 1.07, and single figures differed by a
fifth between the runs: smaller differences decide nothing. (In the first run both sides had the
parser in C, but for that row.)

    way                     first run           second run
    sync                    0.71  0.95  1.02    0.86  0.77  1.14
    gunicorn's own gthread  0.93  0.94  1.12    1.16  0.97  0.97
    1 thread                1.03  0.81  1.01    1.11  0.78  0.98
    4 threads               0.95  1.08  1.14    1.05  0.86  1.23
    8 threads               1.04  1.01  1.04    0.76  1.19  0.89
    32 threads              0.96  1.04  0.90    1.18  0.84  0.93
    1 worker                0.83  0.93  1.01    0.91  0.96  0.93
    3 workers               0.92  1.00  0.98    1.00  1.03  1.10
    4 workers                                   1.21  1.21  1.02
    parser in C             1.02  0.87  0.95    1.19  0.96  0.87
    keep-alive 0            requests stay without an answer

* Worker class: threads. ``sync`` closes every connection after one answer, and one listed number
  that waits for Redis holds up its worker. Ours is gthread with our problem documents.
* Threads: 16. A single one loses a fifth of the listed numbers; from 4 on nothing is gained or lost
  with eight connections. So there are enough for a slow store, and for streams, which may take half
  of them. With 64 connections 4 and 8 threads answered 1.67 and 1.73 times as many clean numbers
  once; 8 threads 1.16 times when asked again, so that is open until it is measured undisturbed.
* Workers: one a core. More were not better beyond chance, and each keeps filters of its own.
* Keep-alive: 5 seconds. Its length matters to clients that rest; with 0 gunicorn also closes
  connections whose first request is still on its way.
* Parser: the one in Python. The one in C (``gunicorn_h1c``) was not faster beyond chance, is one
  more package, and what it refuses, and how, is not what our tests have seen.
"""

from blacklist.config import Settings
from blacklist.web.server import gunicorn_settings

globals().update(gunicorn_settings(Settings.from_env()))
