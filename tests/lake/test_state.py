"""The state of every table at random moments is the model's, byte for byte."""

import past
from duck import state


def test_state_with_exports_equals_the_model(made, merged):
    for moment in made.moments(44):
        found = past.known(merged.state(past.moment_text(moment), "changes"), moment)
        assert found == made.expected(moment), past.moment_text(moment)


def test_state_over_landing_equals_the_model(made, lake):
    for moment in made.moments(13):
        found = lake.state(past.moment_text(moment))
        assert found == made.history.state(moment, exported=False), past.moment_text(moment)


def test_current_state_equals_the_model_at_the_end(made, merged):
    end = max(change.recorded for change in made.history.changes)
    assert state(merged.rows("current_state", source="changes")) == made.history.state(end)


def test_state_columns_are_place_keys_and_image(merged):
    merged.rows("current_state", source="changes")
    assert [column[0] for column in merged.connection.description] == ["account", "region", "table", "keys", "new"]
