"""How fast a recipe trains here."""

import time

from vitruvian.models import MODELS
from vitruvian.training import crops_per_second, speed, this_machine


def test_a_step_that_takes_a_tenth_of_a_second_trains_forty_crops_of_batches_of_four(dots, monkeypatch):
    build = MODELS[dots.model]

    def slow(heads, input_size):
        model = build(heads, input_size)
        model.backbone.register_forward_pre_hook(lambda *_: time.sleep(0.1))
        return model

    monkeypatch.setitem(MODELS, dots.model, slow)
    assert 10 < crops_per_second(dots, "cpu") < 40


def test_no_more_crops_are_promised_than_are_loaded(dots, monkeypatch):
    monkeypatch.setattr(speed, "LOADED", 3)
    assert crops_per_second(dots, "cpu") == 3 * this_machine().cores


def test_the_machine_has_cores():
    assert this_machine().cores >= 1
