"""How many processes load images, where nobody says so."""

import pytest

from vitruvian.training import usual_workers


@pytest.mark.parametrize(("cores", "processes", "workers"), [(8, 1, 8), (64, 1, 16), (64, 8, 8), (4, 8, 1)], ids=str)
def test_a_gpu_has_the_cores_of_the_machine_to_share(monkeypatch, cores, processes, workers):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(processes))
    assert usual_workers("cuda") == usual_workers("cuda:1") == workers


def test_the_cpu_has_none_to_spare():
    assert usual_workers("cpu") == 0
