"""A page of metrics, read strictly: every line of it has to be one that Prometheus takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

PATH: Final = "/monitoring/prometheus/metrics"

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?|Inf)|NaN"
_SAMPLE: Final = re.compile(rf"({_NAME})(\{{(?:{_LABEL}(?:,{_LABEL})*)?\}})? ({_NUMBER})")
_PAIR: Final = re.compile(_LABEL)
_TYPE: Final = re.compile(rf"# TYPE ({_NAME}) (counter|gauge|histogram)")
_HELP: Final = re.compile(rf"# HELP ({_NAME}) .+")
_SUFFIXES: Final = ("_bucket", "_sum", "_count")


class Page:
    """What a page says.

    Attributes:
        text: all of it.
        types: ``counter``, ``gauge`` or ``histogram``, by the name of the metric.
        helped: the metrics that are explained.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.types: dict[str, str] = {}
        self.helped: set[str] = set()
        self._samples: dict[str, float] = {}
        assert text.endswith("\n")
        for line in text.removesuffix("\n").split("\n"):
            self._read(line)
        self._check_histograms()
        # Whoever else reads it has to be content, too.
        assert list(text_string_to_metric_families(text))

    def _read(self, line: str) -> None:
        if (told := _TYPE.fullmatch(line)) is not None:
            assert told[1] not in self.types, line
            self.types[told[1]] = told[2]
        elif (explained := _HELP.fullmatch(line)) is not None:
            assert explained[1] not in self.helped, line
            self.helped.add(explained[1])
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert self._family(sample[1]) == list(self.types)[-1], line
            series = f"{sample[1]}{sample[2] or '{}'}"
            assert series not in self._samples, line
            self._samples[series] = float(sample[3])

    def _family(self, name: str) -> str:
        for suffix in _SUFFIXES:
            if self.types.get(name.removesuffix(suffix)) == "histogram":
                return name.removesuffix(suffix)
        return name

    def _check_histograms(self) -> None:
        buckets: dict[tuple[str, frozenset[str]], list[tuple[str, float]]] = {}
        others: dict[tuple[str, frozenset[str]], float] = {}
        for series, value in self._samples.items():
            name, _, text = series.partition("{")
            pairs = _PAIR.findall(text)
            bound = [pair for pair in pairs if pair.startswith('le="')]
            key = name.removesuffix("_bucket"), frozenset(pairs) - set(bound)
            if bound:
                buckets.setdefault(key, []).append((bound[0], value))
            else:
                others[key] = value
        for (name, labels), counted in buckets.items():
            bounds = [float(bound[4:-1]) for bound, _ in counted]
            counts = [count for _, count in counted]
            assert bounds == sorted(set(bounds)), name
            assert bounds[-1] == float("inf"), name
            assert counts == sorted(counts), name
            assert counts[-1] == others[f"{name}_count", labels], name
            assert (name + "_sum", labels) in others

    def __getitem__(self, series: str) -> float:
        """The value of a sample, as the page writes its name and labels."""
        return self._samples[series]

    def get(self, series: str, default: float) -> float:
        """The value of a sample, or the default if there is none."""
        return self._samples.get(series, default)

    def of(self, name: str) -> dict[str, float]:
        """The samples of a metric, by what is between the braces."""
        return dict(self._of(name))

    def _of(self, name: str) -> Iterator[tuple[str, float]]:
        for series, value in self._samples.items():
            found, _, labels = series.partition("{")
            if found == name:
                yield labels.removesuffix("}"), value


def page_of(url: str, path: str = PATH) -> Page:
    """The page of a server."""
    answer = httpx.get(f"{url}{path}", timeout=30).raise_for_status()
    assert answer.headers["Content-Type"] == "text/plain"
    return Page(answer.text)
