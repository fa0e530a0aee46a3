"""Drive the hot path of a client for a profiler, and print what a request costs.

    python benchmarks/profile_client.py --lib aiohttp_fast --concurrency 64 --requests 20000
    python benchmarks/profile_client.py --calls            # calls per request instead of time
    python benchmarks/profile_client.py --cprofile         # where the time goes
    perf record -g python -X perf benchmarks/profile_client.py     (3.12 on)
    valgrind --tool=callgrind python benchmarks/profile_client.py --requests 500

--lib takes aiohttp_fast, aiohttp, floor, or the module name of another client under clients/.
AIOHTTP_FAST_PURE=1 and AIOHTTP_NO_EXTENSIONS=1 choose the core, as ever; --pure sets both.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

import harness  # noqa: E402
import work  # noqa: E402
import worker  # noqa: E402

DIRECT = ("aiohttp", "aiohttp_fast")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lib", default="aiohttp_fast")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--requests", type=int, default=20000)
    parser.add_argument("--warm-up", type=int, default=500)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--work", choices=("get", "post", "download", "upload"), default="get")
    parser.add_argument("--mode", default="iter_any", help="of a download: iter_any, iter_chunked, read, gzip")
    parser.add_argument("--size", type=int, default=1 << 26, help="bytes of a download")
    parser.add_argument("--path", default="", help="file to upload; --size must be its size")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--pure", action="store_true")
    parser.add_argument("--cprofile", action="store_true")
    parser.add_argument("--calls", action="store_true")
    return parser.parse_args()


def show(name: str, found: dict, large: bool, size: int) -> None:
    per = found["cpu"] / found["count"]
    if large:
        print(f"{name}: {per / size * 1e9:.3f} s CPU per GB, {found['count'] * size / found['wall'] / 1e6:,.0f} MB/s")
    else:
        rate = found["count"] / found["wall"]
        print(f"{name}: {per * 1e6:.1f} us CPU per request, {rate:,.0f} requests/s, {found['wall']:.2f} s")


def main() -> None:
    args = arguments()
    if args.pure:
        os.environ.update(dict.fromkeys(harness.SWITCHES, "1"))
    options = {"concurrency": args.concurrency, "mode": args.mode, "size": args.size, "path": args.path}
    large = args.work in ("download", "upload")
    count = min(args.requests, 8) if large else args.requests
    module, more = ("aio", {"lib": args.lib}) if args.lib in DIRECT else (args.lib, {})
    name = f"{args.lib} {getattr(sys.modules.get(args.lib), 'IMPLEMENTATION', '')} {args.loop}".replace("  ", " ")
    function = work.WORK[args.work]
    with harness.serving() as port, asyncio.Runner(loop_factory=worker.loop_factory(args.loop)) as runner:
        client = worker.make(module, port, more)
        runner.run(client.open())
        runner.run(function(client, 1 if large else args.warm_up, **options))
        if args.calls:
            found = runner.run(work.calls(client, max(args.concurrency, args.requests // 10), args.concurrency))
            print(f"{name}: {found['python']:.1f} Python-level calls per request, {found['c']:.1f} calls into C")
        elif args.cprofile:
            profile = cProfile.Profile()
            profile.enable()
            runner.run(function(client, count, **options))
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        else:
            for _ in range(args.repeat):
                show(name, worker.measure(runner, function, client, count, options), large, args.size)
        runner.run(client.close())


if __name__ == "__main__":
    main()
