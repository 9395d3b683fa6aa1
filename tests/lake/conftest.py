import sys

import pytest

import duck
import past
import statements

sys.path.append(str(statements.ROOT / "tests" / "end_to_end"))
import emulator  # noqa: E402

SEEDS = [11, 12, 13]


@pytest.fixture(scope="session")
def aws(tmp_path_factory):
    with emulator.running(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session", params=SEEDS)
def made(request, tmp_path_factory):
    return past.make(tmp_path_factory.mktemp(f"past{request.param}"), request.param)


@pytest.fixture(scope="session")
def merged(made):
    """The past in the table `changes`, exports included."""
    lake = duck.Lake(made.folder)
    past.merge_everything(lake, made)
    return lake


@pytest.fixture
def lake(made):
    return duck.Lake(made.folder)
