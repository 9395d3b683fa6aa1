"""The dashboards that the module plans: their layout, and that the guide lists their widgets."""

import json
import re
import unittest

import definitions

GUIDE = definitions.ROOT / "docs" / "operating.md"
FIRST_ROW = ["Alarms", "Iterator age (ms)", "Events in, and delivered per sink", "Failed and quarantined records"]
COLUMNS = 24


def setUpModule():
    global PLANNED
    PLANNED = {run: widgets(resources) for run, resources in definitions.planned().items()}


class Dashboard(unittest.TestCase):
    def test_first_row_says_whether_all_is_well(self):
        for run, planned in PLANNED.items():
            row = [widget["properties"]["title"] for widget in planned if widget["y"] == 0]
            if planned:
                self.assertEqual(row, FIRST_ROW, run)

    def test_guide_lists_every_widget_and_no_other(self):
        planned = {listed(widget) for planned in PLANNED.values() for widget in planned}
        self.assertEqual(set(titles_of_guide()), planned)

    def test_guide_lists_widgets_in_their_order(self):
        order = titles_of_guide()
        for run, planned in PLANNED.items():
            places = [order.index(listed(widget)) for widget in planned]
            self.assertEqual(places, sorted(places), run)

    def test_widgets_do_not_overlap(self):
        for run, planned in PLANNED.items():
            taken = [place for widget in planned for place in places(widget)]
            self.assertEqual(len(taken), len(set(taken)), run)
            self.assertTrue(all(column < COLUMNS for column, _ in taken), run)

    def test_alarm_widget_shows_every_alarm(self):
        for run, resources in definitions.planned().items():
            names = {alarm["alarm_name"] for alarm in definitions.alarms(resources).values()}
            shown = {
                arn.split(":alarm:")[1] for widget in PLANNED[run] for arn in widget["properties"].get("alarms", [])
            }
            if PLANNED[run]:
                self.assertEqual(shown, names, run)

    def test_every_sink_has_its_counters(self):
        sinks = {"stdout", "firehose", "archive"}
        queries = [widget["properties"].get("query", "") for widget in PLANNED["two_delivery_streams"]]
        for sink in sinks:
            self.assertTrue(any(f"sum(`sinks.{sink}.failed`)" in query for query in queries), sink)
            self.assertTrue(
                any(f"sum(`sinks.{sink}.delivered`) as {sink}_delivered" in query for query in queries), sink
            )

    def test_per_sink_metrics_replace_the_query(self):
        events = PLANNED["pipe_of_a_table"][2]["properties"]
        self.assertEqual(events["metrics"][0], ["changefan", "Events", "FunctionName", "changefan"])
        self.assertEqual(events["metrics"][1], ["changefan", "stdout.Delivered", "FunctionName", "changefan"])


def widgets(resources):
    """The widgets of a planned dashboard; none where it is not known before the apply."""
    bodies = [
        values.get("dashboard_body")
        for address, values in resources
        if ".aws_cloudwatch_dashboard." in f".{address}"
    ]
    return json.loads(bodies[0])["widgets"] if bodies and bodies[0] else []


def listed(widget):
    """A widget's title as the guide has it."""
    return re.sub(r"^Sink [a-z_-]+:", "Sink NAME:", widget["properties"]["title"])


def titles_of_guide():
    chapter = re.search(r"^## The dashboard$(.*?)^## ", GUIDE.read_text(), re.MULTILINE | re.DOTALL)[1]
    rows = re.findall(r"^\| \d \| (.+?) \|", chapter, re.MULTILINE)
    return [re.sub(r" \((only|one) .*\)$", "", title) for title in rows]


def places(widget):
    for column in range(widget["x"], widget["x"] + widget["width"]):
        for line in range(widget["y"], widget["y"] + widget["height"]):
            yield column, line


if __name__ == "__main__":
    unittest.main()
