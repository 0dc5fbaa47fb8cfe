"""A page of pictures in one file."""

import base64
import re

import cv2
import numpy as np

from vitruvian.draw import html_cards, html_page, html_picture, html_table


def test_a_page_holds_its_title_and_parts_and_no_script():
    page = html_page("mice & <men>", ["<p>one</p>", html_table([["a<b", "c"]], ("x", "y"))])
    assert "<title>mice &amp; &lt;men&gt;</title>" in page
    assert "<td>a&lt;b</td>" in page
    assert "<script" not in page
    assert "http" not in page


def test_a_picture_is_inside_the_page():
    image = np.full((8, 12, 3), (200, 30, 30), np.uint8)
    figure = html_cards([html_picture(image, "red & round")], "pairs")
    data = base64.b64decode(re.search(r"base64,([^\"]+)", figure)[1])
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert pixels.shape == (8, 12, 3)
    assert np.abs(pixels.astype(int) - image).max() < 8
    assert "red &amp; round" in figure
    assert 'class="cards pairs"' in figure
