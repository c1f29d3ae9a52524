"""Metrics as TensorFlow Serving writes them, to the letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tfs_notebook.serving.histogram import MICROSECONDS, growing
from tfs_notebook.serving.monitoring.metric_family import Counter, Histogram, gauge
from tfs_notebook.serving.monitoring.metric_text import serving_text


def test_a_counter() -> None:
    counter = Counter("/test/path/total", "name")
    counter.of("abc").add(2)
    assert serving_text([counter.collect()]) == (
        '# TYPE :test:path:total counter\n:test:path:total{name="abc"} 2\n'
    )


def test_a_gauge() -> None:
    metric = gauge("/test/path/gague")
    metric.add_sample(metric.name, {"x": "abc", "y": "def"}, 5)
    assert serving_text([metric]) == (
        '# TYPE :test:path:gague gauge\n:test:path:gague{x="abc",y="def"} 5\n'
    )


def test_a_histogram() -> None:
    histogram = Histogram("/test/path/histogram", "status", bounds=growing(1, 2, 10))
    for value in (2.5, 20, 199.5):
        histogram.of("good").add(value)
    counts = [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]
    buckets = [
        f':test:path:histogram_bucket{{status="good",le="{2**power}"}} {count}\n'
        for power, count in enumerate(counts)
    ]
    assert serving_text([histogram.collect()]) == (
        "# TYPE :test:path:histogram histogram\n"
        + "".join(buckets)
        + ':test:path:histogram_bucket{status="good",le="+Inf"} 3\n'
        ':test:path:histogram_sum{status="good"} 222\n'
        ':test:path:histogram_count{status="good"} 3\n'
    )


def test_a_value_on_a_bound_is_below_it() -> None:
    histogram = Histogram("/h", bounds=growing(1, 2, 3))
    histogram.of().add(2)
    assert serving_text([histogram.collect()]).splitlines()[1:] == [
        ':h_bucket{le="1"} 0',
        ':h_bucket{le="2"} 1',
        ':h_bucket{le="4"} 1',
        ':h_bucket{le="+Inf"} 1',
        ":h_sum{} 2",
        ":h_count{} 1",
    ]


def test_bounds_have_six_digits() -> None:
    histogram = Histogram("/h", bounds=MICROSECONDS)
    histogram.of().add(0.5)
    text = serving_text([histogram.collect()])
    bounds = [line.split('"')[1] for line in text.splitlines() if "_bucket" in line]
    assert bounds[:8] == [
        "10",
        "18",
        "32.4",
        "58.32",
        "104.976",
        "188.957",
        "340.122",
        "612.22",
    ]
    assert bounds[20:22] == ["1.27482e+06", "2.29468e+06"]
    assert (len(bounds), bounds[-1]) == (34, "+Inf")


def test_label_values_are_escaped() -> None:
    counter = Counter("/test/path/total", "name")
    counter.of('"abc\\"').add(2)
    assert serving_text([counter.collect()]) == (
        '# TYPE :test:path:total counter\n:test:path:total{name="\\"abc\\\\\\""} 2\n'
    )


def test_label_names_are_those_that_prometheus_takes() -> None:
    counter = Counter("/test/path/total", "my-name+1", "1st")
    counter.of("abc", "x").add(2)
    assert serving_text([counter.collect()]) == (
        '# TYPE :test:path:total counter\n:test:path:total{my_name_1="abc",_1st="x"} 2\n'
    )


def test_metric_names_are_those_that_prometheus_takes() -> None:
    counter = Counter("0/path-total_count", "name")
    counter.of("abc").add(2)
    assert serving_text([counter.collect()]) == (
        '# TYPE _0:path:total_count counter\n_0:path:total_count{name="abc"} 2\n'
    )


def test_what_has_not_been_counted_has_a_type() -> None:
    metrics = [Counter("/c", "a").collect(), Histogram("/h", bounds=(1.0,)).collect()]
    assert serving_text(metrics) == "# TYPE :c counter\n# TYPE :h histogram\n"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_value_comes_through(value: str) -> None:
    counter = Counter("/c", "a")
    counter.of(value).add()
    text = serving_text([counter.collect()])
    assert text.count("\n") == 2
    (family,) = text_string_to_metric_families(text)
    ((_, labels, number, *_),) = family.samples
    assert (labels, number) == ({"a": value}, 1)


def test_the_oldest_is_forgotten_for_a_new_one() -> None:
    counter = Counter("/c", "path", most=2)
    for path in ("/a", "/b", "/a", "/c"):
        counter.of(path).add()
    assert serving_text([counter.collect()]).splitlines()[1:] == [
        ':c{path="/b"} 1',
        ':c{path="/c"} 1',
    ]
