"""The page says its language, runs its own script alone, and needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from harness.demo.page import page
from harness.translation import Speaker


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh", "zh-Hans")])
def test_it_says_its_language(language: str, tag: str) -> None:
    assert f'<html lang="{tag}">' in page(Speaker(language))


@pytest.mark.parametrize("recorded", [None, ()])
def test_its_policy_names_its_own_script_and_style(recorded: tuple[()] | None) -> None:
    html = page(Speaker("en"), recorded=recorded)
    policy = re.search(r'Security-Policy" content="([^"]*)"', html)
    assert policy
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert text
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1]


def test_it_fetches_nothing_from_elsewhere() -> None:
    html = page(Speaker("en"), recorded=())
    without_names = html.replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"""(?:src|href|url\()=?["']?https?:""", without_names) == []


def test_only_a_live_page_has_a_button_for_the_speaker() -> None:
    assert 'id="next"' in page(Speaker("en"))
    assert 'id="next"' not in page(Speaker("en"), recorded=())
