"""How the programs of other libraries are timed."""

import time


def best_seconds(f, seconds, least=5, warm=1):
    """The shortest of the runs of f that fit in so many seconds, at least so many, after some that warm up."""
    for _ in range(warm):
        f()
    end, best, runs = time.perf_counter() + seconds, float("inf"), 0
    while runs < least or time.perf_counter() < end:
        t = time.perf_counter()
        f()
        best = min(best, time.perf_counter() - t)
        runs += 1
    return best
