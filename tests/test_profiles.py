"""A council on one page of A4: what it says, and that it is one page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import typst
from conftest import ROOT

from commissioning.base.paths import Project
from commissioning.site.councils import data, outcomes, profile

TEMPLATE = ROOT / "reports" / "_theme" / "profile.typ"


@pytest.fixture(scope="module")
def everything(built_marts):
    class Built(Project):
        database = built_marts

    return data.load(Built(ROOT))


def content(everything, council: str) -> dict:
    return profile.content(everything.councils[council], everything, "commissioning-evidence, tests")


def test_a_profile_says_people_and_money_as_published(everything):
    devon = content(everything, "devon")
    assert (devon["people"]["own"], devon["people"]["england"]) == ("27.0%", "24.5%")
    assert devon["money"]["own"] == "9.7%"
    assert [bar["name"] for bar in devon["bars"] if bar["own"]] == ["Devon"]
    assert len(devon["bars"]) == 17


def test_a_council_without_a_figure_says_so_and_a_flag_stands_below(everything):
    assert content(everything, "isles-of-scilly")["people"] is None
    assert content(everything, "hackney")["money"] is None
    assert any("2021-22" in flag for flag in content(everything, "enfield")["flags"])


def test_england_has_its_figure_and_unit_beside_a_council_without_one(everything):
    england = [row["england"] for row in content(everything, "devon")["rows"]]
    assert england[:6] == ["28.3%", "26.6%", "24.5%", "75.3%", "12.1%", "11.3%"]
    for name in ("cumberland", "isles-of-scilly", "hackney"):
        assert [row["england"] for row in content(everything, name)["rows"]] == england, name


def test_every_profile_is_one_page(everything):
    """The longest names, and those with most to bear in mind."""
    compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), ignore_system_fonts=True)
    for name in ("bournemouth-christchurch-and-poole", "isles-of-scilly", "enfield", "devon"):
        said = json.dumps(content(everything, name))
        pages = compiler.compile(format="svg", sys_inputs={"council": said})
        assert isinstance(pages, bytes), name  # a list where there is more than one


def test_the_second_time_nothing_is_made(everything, tmp_path):
    project = Project(tmp_path)
    (tmp_path / "reports" / "_theme").mkdir(parents=True)
    (tmp_path / "reports" / "_theme" / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
    few = {name: replace(everything.councils[name], peers=[]) for name in ("devon", "kent")}
    some = replace(everything, councils=few)
    assert profile.write(some, project, "tests") == 2
    made = {file: file.stat().st_mtime_ns for file in (project.site / profile.FOLDER).iterdir()}
    assert len(made) == 2 and all(file.read_bytes().startswith(b"%PDF") for file in made)
    profile.write(some, project, "tests")
    assert {file: file.stat().st_mtime_ns for file in made} == made


def test_few_people_and_far_figures_are_said(everything):
    """City of London: about fifteen answers, and 22 of 78 people. Isle of Wight: from 26.0% to 50.7%."""
    city = content(everything, "city-of-london")
    assert any("22 of 78 people" in flag for flag in city["flags"])
    own = [row["own"] for row in city["rows"]]
    assert any("‡" in text for text in own) and not any("±" in text for text in own)
    assert any("far from that of 2020-21" in flag for flag in content(everything, "isle-of-wight")["flags"])
    far = {c.id for c in everything.councils.values() if outcomes.far_from_before(c, everything)}
    assert far >= {"isle-of-wight", "lewisham", "luton", "rochdale", "rotherham", "wirral"} and len(far) < 15
