"""Which keypoints of one skeleton are those of another."""

import pytest

from vitruvian.errors import SkeletonError
from vitruvian.structures import SKELETONS, Skeleton, rows_in, shared_names


def test_coco_is_the_first_part_of_halpe():
    assert rows_in(SKELETONS["coco17"], SKELETONS["halpe26"]) == tuple(range(17))


def test_a_point_may_have_another_name():
    """LSP's last two are neck and head_top; halpe26 has nose ... head (17), neck (18), hip (19)."""
    rows = rows_in(SKELETONS["lsp14"], SKELETONS["halpe26"])
    assert rows[-2:] == (18, 17)
    assert rows[0] == SKELETONS["halpe26"].index("right_ankle")


def test_another_name_counts_for_the_published_skeleton_alone():
    """JHMDB's head is a face, not the top of a head; halpe26's is the top."""
    lsp = SKELETONS["lsp14"]
    assert "head_top" not in shared_names(lsp, SKELETONS["jhmdb15"])
    assert shared_names(SKELETONS["halpe26"], lsp)["head"] == "head_top"
    assert shared_names(lsp, SKELETONS["crowdpose14"])["head_top"] == "top_head"


@pytest.mark.parametrize("name", SKELETONS)
def test_each_keypoint_is_one_at_most(name: str):
    for other in SKELETONS.values():
        found = shared_names(SKELETONS[name], other)
        assert len(set(found.values())) == len(found)
        assert set(found) <= set(SKELETONS[name].names)
        assert shared_names(other, SKELETONS[name]) == {theirs: ours for ours, theirs in found.items()}


def test_one_point_does_not_answer_twice():
    mine = Skeleton.define("mine", ("nose", "head", "head_top"))
    assert shared_names(mine, SKELETONS["halpe26"]) == {"nose": "nose", "head_top": "head"}
    with pytest.raises(SkeletonError, match="not head of mine"):
        rows_in(mine, SKELETONS["halpe26"])


def test_what_is_missing_is_named():
    with pytest.raises(SkeletonError, match=r"coco17 has 17 keypoints, but not head, neck, hip and 6 more of halpe26"):
        rows_in(SKELETONS["halpe26"], SKELETONS["coco17"])


@pytest.mark.parametrize("name", SKELETONS)
def test_a_skeleton_is_its_own_part(name: str):
    assert rows_in(SKELETONS[name], SKELETONS[name]) == tuple(range(len(SKELETONS[name])))
