"""What was measured, as text: lines for the terminal, the tables of both README.md, results.json."""

import datetime
import json
import os
import platform
import statistics
from collections.abc import Iterator
from pathlib import Path

import harness
from rows import ROWS, Row

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
README = HERE / "README.md"
FRONT = HERE.parent / "README.md"
# What the front page shows of the table.
SHOWN = (
    "get64", "get64_uvloop", "get1", "post", "json", "read", "iter_chunked", "iter_any", "upload", "form_upload",
    "gzip", "multipart", "import_time",
)  # fmt: skip
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
OURS, PURE, BASE, BASE_PURE = (c.name for c in (harness.FAST, harness.FAST_PURE, harness.AIOHTTP, harness.AIOHTTP_PURE))


def number(value: float) -> str:
    """Three significant digits."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"


def against(samples: dict[str, list[float]], name: str, base: str) -> tuple[float, float, float] | None:
    """Return how many times less *name* costs than *base*: median, least, most; None if one is missing."""
    if name not in samples or base not in samples:
        return None
    return harness.ratios(samples[base], samples[name])


def ratio(samples: dict[str, list[float]], name: str, base: str = BASE, spread: bool = False) -> str:
    """Return that as text."""
    found = against(samples, name, base)
    if found is None:
        return "–"
    middle, least, most = found
    return f"{number(middle)} ({number(least)}–{number(most)})" if spread else number(middle)


def middle(samples: dict[str, list[float]], name: str) -> str:
    """Return the median of a contender's figures as text."""
    return number(statistics.median(samples[name])) if name in samples else "–"


def verdict(row: Row, samples: dict[str, list[float]]) -> tuple[str, str]:
    """Return the budget, and whether it is met; with the ratio, where it is not one to aiohttp."""
    if row.base:
        found = against(samples, OURS, row.base)
        least = min(row.goal, 0.95)  # equal, but for the noise
        text = f"≥ {row.base}" if row.goal >= 1 else f"≤ {1 / row.goal:.1f}× {row.base}"
        if found is None:
            return text, "–"
        met = mark(found[0] >= least)
        # The other columns hold us against aiohttp; this is the only place for another base.
        times = number(found[0] if row.goal >= 1 else 1 / found[0])
        return text, met if row.base == BASE else f"{met} ({times}×)"
    if row.most:
        met = mark(statistics.median(samples[OURS]) <= row.goal) if OURS in samples else "–"
        return f"≤ {row.goal:g} {row.unit}", met
    found = against(samples, OURS, BASE)
    return f"≥ {row.goal:g}×", "–" if found is None else mark(found[0] >= row.goal)


def mark(met: bool) -> str:
    """Yes or no, and the no is seen."""
    return "yes" if met else "**no**"


def in_the_terminal(row: Row, result: dict) -> str:
    """Return the lines of one row."""
    samples = result["samples"]
    budget, met = verdict(row, samples)
    lines = [f"{row.title.replace('`', '')}   [{row.key}]   budget {budget}: {met.replace('*', '')}"]
    for name in samples:
        times = ratio(samples, name, BASE, spread=True)
        pure = f"   {ratio(samples, name, BASE_PURE)} times aiohttp pure" if name == PURE else ""
        lines.append(f"  {name:18} {middle(samples, name):>8} {row.unit:5} {times:>24}{pure}")
    lines.extend(f"  left out: {note}" for note in result["notes"].values())
    return "\n".join(lines)


def table(results: dict[str, dict]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield (
        "| work | unit | aiohttp | aiohttp_fast | times better (least–most) | budget | met "
        "| pure, against aiohttp pure | floor | peers |"
    )
    yield "|---|---|---:|---:|---:|---:|---|---:|---:|---|"
    usual = (OURS, PURE, BASE, BASE_PURE, harness.FLOOR.name)
    for row in ROWS:
        if row.key not in results:
            continue
        samples = results[row.key]["samples"]
        peers = ", ".join(f"{name} {ratio(samples, name)}" for name in samples if name not in usual)
        floor = ratio(samples, harness.FLOOR.name)
        cells = (
            row.title, row.unit, middle(samples, BASE), middle(samples, OURS), ratio(samples, OURS, spread=True),
            *verdict(row, samples), ratio(samples, PURE, BASE_PURE, spread=True), floor, peers,
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def short_table(results: dict[str, dict]) -> Iterator[str]:
    """Yield the lines of the front page's table."""
    yield "| work | aiohttp | aiohttp_fast | times better | others, times better than aiohttp |"
    yield "|---|---:|---:|---:|---|"
    usual = (OURS, PURE, BASE, BASE_PURE, harness.FLOOR.name)
    for row in ROWS:
        if row.key not in SHOWN or row.key not in results:
            continue
        samples = results[row.key]["samples"]
        others = [f"{name} {ratio(samples, name)}" for name in samples if name not in usual and OURS not in name]
        title = row.title.removeprefix("client ")
        cost = [f"{middle(samples, name)} {row.unit}" for name in (BASE, OURS)]
        yield f"| {title} | {' | '.join(cost)} | {ratio(samples, OURS, spread=True)} | {', '.join(others)} |"


def put(path: Path, lines: list[str]) -> None:
    """Write *lines* between the markers of the file."""
    before, _, rest = path.read_text().partition(BEGIN)
    path.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.partition(END)[2])


def machine() -> str:
    """Return what the figures were measured on."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {count} cores, {platform.system()} {platform.release().partition('-')[0]}"


def write(results: dict[str, dict], command: str) -> None:
    """Merge *results* into results.json, and write the tables between the markers of both README.md."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rows": {}}
    stamp = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "command": command,
    }
    for key, result in results.items():
        rounded = {name: [float(f"{value:.4g}") for value in values] for name, values in result["samples"].items()}
        known["rows"][key] = {**result, "samples": rounded, **stamp}
    order = [row.key for row in ROWS if row.key in known["rows"]]
    known["rows"] = {key: known["rows"][key] for key in order}
    RESULTS.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    absent = sorted({note for result in known["rows"].values() for note in result["notes"].values()})
    facts = sorted({f"{r['machine']}; {r['python']}; {r['date']}; `{r['command']}`" for r in known["rows"].values()})
    text = [*(f"Measured on {fact}" for fact in facts), "", *table(known["rows"])]
    text += ["", *(f"Left out: {note}" for note in absent)] if absent else []
    put(README, text)
    put(FRONT, [*(f"Measured on {fact}" for fact in facts), "", *short_table(known["rows"])])


if __name__ == "__main__":
    write({}, "")
