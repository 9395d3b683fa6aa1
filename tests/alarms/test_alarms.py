"""Every alarm that the module plans, over series that must and must not fire it."""

import re
import unittest

import definitions
import evaluation
import metric_math
import mutants
from deployments import DEPLOYMENTS

GUIDE = definitions.ROOT / "docs" / "operating.md"
REFUSALS = (evaluation.Unsupported, metric_math.Unsupported, evaluation.Ambiguous)


def setUpModule():
    global PLANNED
    PLANNED = {run: definitions.alarms(resources) for run, resources in definitions.planned().items()}


class Alarms(unittest.TestCase):
    def test_every_deployment_has_exactly_its_alarms(self):
        for run, expected in DEPLOYMENTS.items():
            self.assertEqual(sorted(PLANNED[run]), sorted(expected), run)

    def test_series_fire_the_alarms_that_they_must(self):
        for run, key, alarm, scenario in cases():
            with self.subTest(run=run, alarm=key, series=scenario.name):
                self.assertEqual(evaluation.state(alarm, scenario.samples, scenario.now), scenario.expected)

    def test_wrong_alarms_are_noticed(self):
        for run, key in ((run, key) for run in DEPLOYMENTS for key in DEPLOYMENTS[run]):
            for what, mutant in mutants.of(PLANNED[run][key]):
                with self.subTest(run=run, alarm=key, wrong=what):
                    self.assertTrue(is_noticed(mutant, DEPLOYMENTS[run][key]))

    def test_descriptions_name_a_section_of_the_guide(self):
        sections = anchors(GUIDE.read_text())
        for run, planned in PLANNED.items():
            for key, alarm in planned.items():
                section = re.search(r"See docs/operating\.md#([a-z-]+)\.$", alarm["alarm_description"])
                self.assertIsNotNone(section, alarm["alarm_description"])
                self.assertEqual(section[1], key.split("/")[0].replace("_", "-"), run)
                self.assertIn(section[1], sections, run)

    def test_guide_has_no_section_of_an_alarm_that_does_not_exist(self):
        kinds = {key.split("/")[0].replace("_", "-") for planned in PLANNED.values() for key in planned}
        self.assertEqual(anchors(chapter("Alarms")), kinds)

    def test_sections_say_what_to_do(self):
        parts = ["**Meaning.**", "**Confirm.**", "**Do.**", "**If ignored.**"]
        for section in re.split(r"^### ", chapter("Alarms"), flags=re.MULTILINE)[1:]:
            self.assertEqual([part for part in parts if part not in section], [], section.splitlines()[0])

    def test_links_within_the_guide_have_a_target(self):
        links = set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE.read_text()))
        self.assertEqual(links - anchors(GUIDE.read_text()), set())

    def test_cost_is_what_the_guide_says(self):
        words = {8: "eight", 9: "nine", 10: "ten"}
        for run in ("table", "pipe_with_other_thresholds"):
            alarms, metrics = words[len(PLANNED[run])], sum(map(metrics_of, PLANNED[run].values()))
            stated = f"{alarms} alarms with {words[metrics]} metrics make ${metrics / 10:.2f}"
            self.assertIn(stated, " ".join(GUIDE.read_text().split()), run)

    def test_names_are_unique(self):
        for run, planned in PLANNED.items():
            names = [alarm["alarm_name"] for alarm in planned.values()]
            self.assertEqual(len(names), len(set(names)), run)


def metrics_of(alarm):
    return len([query for query in alarm["metric_query"] if query["metric"]]) or 1


def chapter(title):
    return re.search(rf"^## {title}$(.*?)^## ", GUIDE.read_text(), re.MULTILINE | re.DOTALL)[1]


def cases():
    for run, expected in DEPLOYMENTS.items():
        for key, scenarios in expected.items():
            for scenario in scenarios:
                yield run, key, PLANNED[run][key], scenario


def is_noticed(alarm, scenarios):
    return any(contradicts(alarm, scenario) for scenario in scenarios)


def contradicts(alarm, scenario):
    try:
        return evaluation.state(alarm, scenario.samples, scenario.now) != scenario.expected
    except evaluation.Misaligned:
        return False
    except REFUSALS:
        return True


def anchors(text):
    """The anchors of a Markdown text's headings, as GitHub makes them, for headings of letters, digits and spaces."""
    headings = re.findall(r"^#{2,} (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


if __name__ == "__main__":
    unittest.main()
