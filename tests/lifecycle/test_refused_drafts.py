from lifecycle.designing.api import _invalid
from lifecycle.designing.checking import BadBlueprint, Fault


def test_of_two_faults_at_a_place_the_first_is_told():
    faults = [Fault(("stages", 0, "color"), "unknown"), Fault(("stages", 0, "color"), "expected text")]

    assert _invalid(BadBlueprint(faults)).detail == {"stages.0.color": ["unknown"]}
