"""How many lines of test data stand against the lines of data in dialogs/.

Run: python benchmarks/proof.py

Test data: tests/data, tests/conversations, and every `[[case]]` block within dialogs/. A case is
test data wherever it stands, so it counts once, and not as data; the last line leaves it on both
sides. Empty lines and comments count nowhere.
"""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = (".toml", ".toml-overlay", ".talk")


def main() -> None:
    """Print the lines of each folder, and their ratio."""
    data, cases = [], []
    for line, is_case in lines_in(ROOT / "dialogs"):
        (cases if is_case else data).append(line)
    tests = {name: len(list(lines_in(ROOT / "tests" / name))) for name in ("data", "conversations")}
    print(f"{'data in dialogs/':<26}{len(data):>8}")
    print(f"{'[[case]] in dialogs/':<26}{len(cases):>8}")
    for name, count in tests.items():
        print(f"{f'tests/{name}':<26}{count:>8}")
    whole = sum(tests.values()) + len(cases)
    print(f"test data for each line of data: {whole / len(data):.2f}, to reach 1.3")
    print(f"with cases among the data too: {whole / (len(data) + len(cases)):.2f}")


def lines_in(folder: Path) -> Iterator[tuple[str, bool]]:
    """Every line that says something, and whether it belongs to a `[[case]]`."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in KINDS:
            is_case = False
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.startswith("["):
                    is_case = line.startswith(("[[case]]", "[case."))
                if line.strip() and not line.lstrip().startswith("#"):
                    yield line, is_case


if __name__ == "__main__":
    main()
