"""`cache`: lists the entries of the cache, and removes them."""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

from adq_core.errors import InputError
from adq_core.storage import CACHE_KINDS, CacheEntry, cache_entries, clear_cache, default_folder, limit_cache

from .options import Commands, add_cache

UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "cache",
        help="list or remove stored results",
        description="Lists or removes stored results. Saved selections and trained weights are never removed.",
    )
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "sizes", "clear", "limit"),
        default="sizes",
        help="list: all entries; sizes: entries and bytes per kind (default); clear: remove all entries, or those of "
        "--kind; limit: remove the least recently used entries beyond --max-size and --max-age",
    )
    parser.add_argument(
        "--kind", action="append", choices=list(CACHE_KINDS), help="only entries of this kind; repeatable"
    )
    parser.add_argument("--max-size", type=size, metavar="SIZE", help="size of all entries, such as 5GB or 500MB")
    parser.add_argument("--max-age", type=age, metavar="AGE", help="time since the last use, such as 30d or 12h")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_cache(parser)
    parser.set_defaults(function=cache_command, after_stop="Entries that were not removed yet remain.")


def cache_command(parsed: argparse.Namespace) -> int:
    """Print the entries of the cache, or remove some of them and print the number of bytes."""
    folder: Path = parsed.cache or default_folder()
    is_limited = parsed.max_size is not None or parsed.max_age is not None
    if is_limited != (parsed.action == "limit"):
        raise InputError("cache limit needs --max-size or --max-age; the other actions have no such options.")
    if parsed.kind and parsed.action == "limit":
        raise InputError("cache limit applies to all kinds together. Leave --kind out, or use cache clear --kind.")
    if parsed.action in ("list", "sizes"):
        entries = [entry for entry in cache_entries(folder) if not parsed.kind or entry.kind in parsed.kind]
        _print_entries(folder, entries, parsed)
        return 0
    if parsed.action == "clear":
        removed = clear_cache(folder, parsed.kind)
    else:
        removed = limit_cache(folder, max_bytes=parsed.max_size, max_age=parsed.max_age)
    left = sum(entry.n_bytes for entry in cache_entries(folder))
    n_bytes = sum(entry.n_bytes for entry in removed)
    if parsed.json:
        print(json.dumps({"folder": str(folder), "removed": len(removed), "removed_bytes": n_bytes, "bytes": left}))
    else:
        print(f"Removed {len(removed):,} entries, {size_text(n_bytes)}. {folder} now has {size_text(left)}.")
    return 0


def _print_entries(folder: Path, entries: list[CacheEntry], parsed: argparse.Namespace) -> None:
    n_bytes = sum(entry.n_bytes for entry in entries)
    kinds = {kind: [entry.n_bytes for entry in entries if entry.kind == kind] for kind in CACHE_KINDS}
    sizes = {kind: {"entries": len(each), "bytes": sum(each)} for kind, each in kinds.items() if each}
    if parsed.json:
        rows = [
            {"kind": one.kind, "name": one.name, "bytes": one.n_bytes, "last_used": round(one.last_used)}
            for one in entries
        ]
        content = {"folder": str(folder), "bytes": n_bytes, "kinds": sizes}
        print(json.dumps(content | ({"entries": rows} if parsed.action == "list" else {}), indent=2))
        return
    if parsed.action == "list":
        for one in entries:
            used = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.last_used))
            print(f"{used}  {size_text(one.n_bytes):>9}  {one.kind:<12} {one.name}")
    else:
        for kind, each in sizes.items():
            print(f"{size_text(each['bytes']):>9}  {each['entries']:>6,}  {kind:<12} {CACHE_KINDS[kind]}")
    print(f"{folder}: {len(entries):,} entries, {size_text(n_bytes)}")


def size(text: str) -> int:
    """Return the number of bytes of a text such as `5GB`, `1.5 MB` or `1000`."""
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?B)?", text.strip().upper())
    if match is None:
        raise argparse.ArgumentTypeError(f"must be a size such as 5GB, 500MB or 0, got {text!r}")
    return int(float(match[1]) * UNITS["" if match[2] in (None, "B") else match[2]])


def age(text: str) -> float:
    """Return the number of seconds of a text such as `30d`, `12h` or `90m`."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([mhdw])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"must be a time such as 30d, 12h or 90m, got {text!r}")
    return float(match[1]) * SECONDS[match[2]]


def size_text(n_bytes: int) -> str:
    """Return a number of bytes in the unit in which it is shortest."""
    for unit, factor in reversed(UNITS.items()):
        if n_bytes >= factor > 1:
            return f"{n_bytes / factor:.3g} {unit}"
    return f"{n_bytes} B"
