"""The evaluator against the examples of the CloudWatch user guide, and against what it does not cover."""

import unittest

import evaluation
import metric_math

ALARM = {
    "alarm_name": "example",
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 0,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 3,
    "treat_missing_data": "notBreaching",
    "metric_query": [],
    "namespace": "N",
    "metric_name": "M",
    "dimensions": {},
    "period": 300,
    "statistic": "Sum",
}
# "How alarm state is evaluated when data is missing": data points from the oldest (0 good, X breaching, - missing),
# and the state with notBreaching, where CloudWatch reads five data points for three evaluation periods.
THREE_OF_THREE = {"0-X-X": "OK", "0----": "OK", "-----": "OK", "0XX-X": "ALARM", "--X--": "OK"}
TWO_OF_THREE = {"0-X-X": "ALARM", "00X0X": "ALARM", "0-X--": "OK", "----0": "OK", "---X-": "OK"}


class Evaluation(unittest.TestCase):
    def test_missing_data_is_treated_as_the_guide_says(self):
        for count, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE)):
            for points, expected in table.items():
                series = {index * 300: float(point == "X") for index, point in enumerate(points) if point != "-"}
                alarm = {**ALARM, "datapoints_to_alarm": count}
                found = evaluation.state_when_reading(alarm, series, 300, 1500, beyond=2)
                self.assertEqual(found, expected, f"{points}, {count} of 3")

    def test_samples_are_aggregated_by_period(self):
        samples = [(0, 1), (299, 3), (300, 5), (900, 7)]
        expected = {
            "Sum": [4, 5, 7],
            "Average": [2, 5, 7],
            "Maximum": [3, 5, 7],
            "Minimum": [1, 5, 7],
            "SampleCount": [2, 1, 1],
        }
        for statistic, values in expected.items():
            self.assertEqual(evaluation.aggregate(samples, 300, statistic), dict(zip((0, 300, 900), values)))

    def test_state_that_depends_on_what_is_read_is_refused(self):
        samples = {evaluation.metric("N", "M", {}): [(0, 1), (300, 1), (600, 1)]}
        with self.assertRaises(evaluation.Ambiguous):
            evaluation.state(ALARM, samples, 1500)

    def test_settings_that_are_not_covered_are_refused(self):
        wrong = {
            "treat_missing_data": "breaching",
            "comparison_operator": "GreaterThanUpperThreshold",
            "datapoints_to_alarm": 4,
            "statistic": "p99",
        }
        for name, value in wrong.items():
            samples = {evaluation.metric("N", "M", {}): [(0, 1)]}
            with self.assertRaises(evaluation.Unsupported, msg=name):
                evaluation.state({**ALARM, name: value}, samples, 300)

    def test_moment_within_a_period_is_refused(self):
        with self.assertRaises(evaluation.Misaligned):
            evaluation.state(ALARM, {}, 301)


class MetricMath(unittest.TestCase):
    # "Comparison and logical operators": 30, 20, 0, 0 and 20, -, 20, -.
    SERIES = {"one": {0: 30.0, 1: 20.0, 2: 0.0, 3: 0.0}, "two": {0: 20.0, 2: 20.0}, "none": {}}

    def test_expressions_have_the_series_that_the_guide_shows(self):
        expected = {
            "(two > one)": [0, 0, 1, 0],
            "(one > 15 AND two > 15)": [1, 0, 0, 0],
            "one + two": [50, 20, 20, 0],
            "one + 2 * two": [70, 20, 40, 0],
            "(one + none) == 0": [0, 0, 1, 1],
            "IF(one > 15, 5, 7)": [5, 5, 7, 7],
        }
        for expression, values in expected.items():
            self.assertEqual(
                metric_math.evaluate(expression, self.SERIES), dict(enumerate(map(float, values))), expression
            )

    def test_expressions_that_are_not_covered_are_refused(self):
        for expression in (
            "FILL(one, 0)",
            "SUM([one, two])",
            "one - two",
            "one / 2",
            "one < two",
            "one OR two",
            "-one",
            "three",
            "1 + 1",
            "IF(one > 15, two, 0)",
            "IF(one > 15, 1)",
            "one two",
            "(one",
            "one > 'a'",
            "METRICS()",
            "",
        ):
            with self.assertRaises(metric_math.Unsupported, msg=expression):
                metric_math.evaluate(expression, self.SERIES)


if __name__ == "__main__":
    unittest.main()
