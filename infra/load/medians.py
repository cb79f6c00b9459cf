"""Makes a table of medians from lines of a name, a tab and what `recharge-load run --json` prints."""

import collections
import json
import statistics
import sys

SHAPES = ("uniform", "hot-creator", "hot-fan")


def main():
    runs = collections.defaultdict(list)
    for line in sys.stdin:
        name, _, report = line.partition("\t")
        if report.strip():
            report = json.loads(report)
            runs[name, report["shape"]].append(report)
    names = sorted({name for name, _ in runs}, reverse=True)

    def median(name, shape, of):
        return statistics.median(of(run) for run in runs[name, shape])

    def rate(run):
        return run["sent"] * 1000 / run["took_ms"]

    print(f"\n{'':<12}{'shape':<13}{'gifts/s':>9}{'÷ uniform':>11}{'p50 ms':>8}{'p99 ms':>8}{'slowest':>9}  refused")
    for name in names:
        for shape in SHAPES:
            half, _, most, slowest = (median(name, shape, lambda run, at=at: run["percentiles_us"][at] / 1000) for at in range(4))
            rates = median(name, shape, rate)
            refused = collections.Counter()
            for run in runs[name, shape]:
                refused.update(run["refused"])
            print(f"{name:<12}{shape:<13}{rates:>9.0f}{rates / median(name, 'uniform', rate):>11.2f}{half:>8.1f}{most:>8.1f}"
                  f"{slowest:>9.1f}  {dict(refused) or '-'}")
    print(f"\n{'':<12}{'replays':>9}{'equal':>9}{'hung up':>9}{'stored':>9}{'gifts':>9}{'coins':>9}  exact")
    for name in names:
        every = [run for (of, _), reports in runs.items() if of == name for run in reports]
        sums = [sum(run[field] for run in every) for field in
                ("replays", "replays_equal", "lost", "lost_but_stored", "sent", "coins_spent")]
        exact = "yes" if all(run["is_exact"] for run in every) else "NO"
        print(f"{name:<12}" + "".join(f"{number:>9}" for number in sums) + f"  {exact}")
    print("\nseeds: " + " ".join(str(run["seed"]) for reports in runs.values() for run in reports))


main()
