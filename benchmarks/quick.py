"""How far are we? aiohttp_fast, aiohttp and the floor in turn, a few seconds in all.

python benchmarks/quick.py [--loop uvloop] [--concurrency 1] [--work post] [--contenders aiohttp,floor,pycurl]
"""

import argparse
import statistics
from contextlib import ExitStack

import harness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--work", choices=("get", "post"), default="get")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of one measurement")
    parser.add_argument("--contenders", default="aiohttp,aiohttp_fast,aiohttp_fast pure,floor")
    args = parser.parse_args()
    names = args.contenders.split(",")
    samples: dict[str, list[float]] = {name: [] for name in names}
    with harness.serving() as port:
        for _ in range(args.repeat):
            with ExitStack() as stack:
                for name in names:
                    try:
                        worker = stack.enter_context(harness.Worker(harness.CONTENDERS[name], port, args.loop))
                        count = worker.calibrated(args.work, args.seconds, 64, concurrency=args.concurrency)
                        found = worker.run(args.work, count, concurrency=args.concurrency)
                    except harness.AbsentError as reason:
                        if not samples[name]:
                            print(f"left out: {reason}")
                        continue
                    samples[name].append(found["cpu"] / found["count"] * 1e6)
    print(
        f"{args.work}, {args.concurrency} at once, {args.loop}: us CPU per request; how many times less than {names[0]}"
    )
    for name, values in samples.items():
        if len(values) == args.repeat:
            middle, least, most = harness.ratios(samples[names[0]], values)
            print(f"  {name:18} {statistics.median(values):7.1f} us   {middle:5.2f} ({least:.2f} to {most:.2f})")


if __name__ == "__main__":
    main()
