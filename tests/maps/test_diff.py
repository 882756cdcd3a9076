"""Does the page of a change say what changes hands, on both states, in a real browser?"""

import csv
import io
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.plan.impact import compare
from gis.plan.model import Grid, Level, Plan
from gis.plan.work import Points
from maps.diff import DiffView, Side, draw_diff
from maps.offline import ServedAssets
from tests.maps.conftest import ASSETS, CHINA, HOSTILE, make_base, make_plan, square

AXE = ASSETS.folder / "axe-core" / "axe.min.js"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=CHINA), datetime(2026, 12, 1, tzinfo=CHINA)
C1, C2 = "350402001001", "350402001002"


def make_after(plan: Plan) -> Plan:
    """
    The east half of 1 in c01 goes to 2's place; 1 and 2 of c02 are merged; 4 of c02 is cut in two.

    c01: 2 2 | c02: 3 | 4        c01: 2 2 | c02: 3 | 4 5
    ---------+--------+----  →   -----+  2|--------+----
    c01: 1 1 | c02: 1 | 2        c01: 1|2 | c02: 1 . 1
    """
    name = {grid.code: grid.name for grid in plan}

    def grid(code: str, shape, title: str = "") -> Grid:
        return Grid(code, title or name[code], Level.GRID, shape, code[:12])

    gone = [f"{C1}001", f"{C1}002", f"{C2}001", f"{C2}002", f"{C2}004"]
    upper = shapely.union(square(0, 1), square(0.5, 0, 0.5, 1))
    return plan.replacing(
        gone,
        [
            grid(f"{C1}001", square(0, 0, 0.5, 1)),
            grid(f"{C1}002", upper),
            grid(f"{C2}001", square(1, 0, 2, 1)),
            grid(f"{C2}004", square(2, 1, 0.5, 1)),
            grid(f"{C2}005", square(2.5, 1, 0.5, 1), "新网格"),
        ],
    )


def make_view(names: tuple[str, ...] = (), **given) -> DiffView:
    """In the west of each grid 100 households, in its east 10; a camera in the first."""
    before = make_plan(names)
    after = make_after(before)
    cells = [(x + dx, y + 0.5) for x in range(3) for y in range(2) for dx in (0.25, 0.75)]
    spots = shapely.get_coordinates([square(x, y, 0.001, 0.001).centroid for x, y in cells])
    homes = Points(spots[:, 0], spots[:, 1], np.array([100.0, 10.0] * 6))
    cameras = Points(spots[:1, 0], spots[:1, 1], np.ones(1))
    work = {"households": homes, "cameras": cameras}
    return DiffView(
        district=given.get("district", "演示区"),
        before=Side(before, revision_id=7, effective_from=SINCE, effective_to=UNTIL),
        after=Side(after, name=given.get("draft", "草案一")),
        impact=compare(before, after, metric_srid=4548, work=work),
    )


def draw(lang="zh", **given) -> str:
    return draw_diff(make_view(**given), make_base(), lang, ASSETS)


def test_the_table_says_who_gets_what_from_whom(open_html):
    opened = open_html(draw())
    assert [row[:3] for row in opened.table()] == [
        ["乙社区第2网格→ 乙社区第1网格", "110", "0"],
        ["甲社区第1网格→ 甲社区第2网格", "10", "0"],
        ["乙社区第4网格→ 新网格", "10", "0"],
    ]
    assert opened.page.locator("#rows").inner_text() == "3 项移交"


def test_totals_name_their_denominator(open_html):
    rows = open_html(draw()).table("totals")
    assert rows[1] == ["户数", "130", "共 660", "20 %"]
    assert rows[2] == ["摄像头", "0", "共 1", "0 %"]


def test_both_states_are_named_with_their_dates(open_html):
    text = open_html(draw()).page.locator("#panel header").inner_text()
    assert "演示区边界调整" in text
    assert "第 7 版，2026-01-01 起至 2026-12-01 前施行" in text
    assert "草案：草案一" in text


def test_a_staged_revision_is_not_said_to_be_in_force(open_html):
    view = make_view()
    staged = replace(view.after, name="", revision_id=8, is_published=False)
    html = draw_diff(replace(view, after=staged), make_base(), "zh", ASSETS)
    header = open_html(html).page.locator("#panel header").inner_text()
    assert "第 8 版，未发布" in header


def test_before_and_after_show_the_load_of_every_grid(open_html):
    page = open_html(draw()).page
    shown = "wangge.page.map.hasLayer(wangge.page.shapes.{}[0])"
    page.get_by_role("radio", name="调整前").click()
    assert page.locator("#legend h2").inner_text() == "调整前"
    counts = page.locator("#legend .count").all_inner_texts()
    assert counts[:5] == ["0", "0", "6", "0", "0"]
    assert page.evaluate(shown.format("before"))
    assert not page.evaluate(shown.format("moved"))
    page.get_by_role("radio", name="调整后").click()
    assert page.locator("#legend .count").all_inner_texts()[:5] == ["1", "0", "4", "0", "1"]
    assert page.evaluate(shown.format("after"))
    assert page.locator("#show-vanished").is_disabled()


def test_the_load_table_has_both_states_and_the_changed_grids_only(open_html):
    opened = open_html(draw())
    opened.page.get_by_role("radio", name="各区负荷").click()
    rows = {row[0]: row[1:] for row in opened.table("grids")}
    assert rows["甲社区第1网格"] == ["110", "100", "−9 %"]
    assert rows["乙社区第2网格"] == ["110", "—", "—"]
    assert rows["新网格"] == ["—", "10", "−91 %"]
    assert "乙社区第3网格" not in rows
    assert opened.page.locator("#rows").inner_text() == "7 个区中 6 个有变化"


def test_arrows_cross_the_border_into_the_receiver(open_html):
    """Ground of 2 goes west into 1 of c02, of 1 north into 2, and of 4 east into the new one."""
    opened = open_html(draw())
    ways = []
    for row in opened.data()["handovers"]:
        lon, lat, ahead_lon, ahead_lat = row["arrow"]
        ways.append((round((ahead_lon - lon) * 1e3), round((ahead_lat - lat) * 1e3)))
    assert ways == [(-1, 0), (0, 1), (1, 0)]
    assert opened.page.evaluate("wangge.page.arrows.drawn.length") == 3
    opened.page.get_by_label("箭头").uncheck()
    assert not opened.page.evaluate("wangge.page.map.hasLayer(wangge.page.arrows)")


def test_a_click_on_moved_ground_selects_its_row(open_html):
    page = open_html(draw()).page
    place = page.evaluate(
        "(() => { const p = wangge.page.map.latLngToContainerPoint([26.2525, 117.6075]);"
        "return [p.x, p.y]; })()"
    )
    page.mouse.click(*place)
    chosen = page.locator("#table tr[aria-selected=true] th")
    assert chosen.inner_text().split() == ["甲社区第1网格", "→", "甲社区第2网格"]


def test_legend_tells_the_kinds_and_the_length_of_borders(open_html):
    page = open_html(draw()).page
    entries = dict(
        zip(
            page.locator("#legend .range").all_inner_texts(),
            page.locator("#legend .count").all_inner_texts(),
            strict=True,
        )
    )
    assert entries == {
        "边界移动": "1", "并入": "1", "拆出": "1", "新增边界": "2.2 km", "取消的边界": "1.6 km",
    }  # fmt: skip
    assert "户数" in page.locator("#legend .note").inner_text()


def test_csv_has_codes_and_every_kind(open_html):
    page = open_html(draw()).page
    with page.expect_download() as download:
        page.locator("#csv").click()
    assert download.value.suggested_filename == "演示区_边界调整_移交.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["移出编码"] == f"{C2}002"
    assert rows[0]["移入编码"] == f"{C2}001"
    assert (rows[0]["户数"], rows[0]["摄像头"]) == ("110", "0")


def test_a_plan_of_one_level_without_anything_counted(open_html):
    before = Plan(
        [Grid("a", "西", Level.GRID, square(0, 0)), Grid("b", "东", Level.GRID, square(1, 0))]
    )
    after = Plan([Grid("b", "都", Level.GRID, square(0, 0, 2, 1))])
    impact = compare(before, after, metric_srid=4548)
    view = DiffView("外地", Side(before), Side(after), impact)
    opened = open_html(draw_diff(view, make_base(), "zh", ASSETS))
    assert opened.table() == [["西→ 都", "1.11"]]
    opened.page.get_by_role("radio", name="各区负荷").click()
    assert sorted(opened.table("grids")) == [["西", "1.11", "—"], ["都", "1.11", "2.21"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(open_html, lang):
    names = tuple(HOSTILE)
    opened = open_html(draw(lang, names=names, district=HOSTILE[0], draft=HOSTILE[3]))
    page = opened.page
    assert f"{HOSTILE[3]}→ {HOSTILE[2]}" in {row[0] for row in opened.table()}
    assert HOSTILE[3] in page.locator("#panel header").inner_text()
    assert HOSTILE[0] in page.locator("h1").inner_text()
    page.locator("#tabs button").last.click()
    assert HOSTILE[0] in {row[0] for row in opened.table("grids")}
    page.locator("#views button").last.click()
    assert page.locator("img").count() == 0


def test_plans_that_are_equal_or_have_nothing_counted(open_html):
    plan = make_plan()
    impact = compare(plan, plan, metric_srid=4548)
    view = DiffView("演示区", Side(plan, revision_id=1), Side(plan, revision_id=2), impact)
    page = open_html(draw_diff(view, make_base(), "zh", ASSETS)).page
    assert "没有地块变更归属" in page.locator("#legend").inner_text()
    page.get_by_role("radio", name="调整后").click()
    assert page.locator("#legend li").count() == 0


def test_a_new_code_alone_is_said_to_be_no_move(open_html):
    plan = make_plan()
    old = f"{C1}002"
    after = plan.replacing([old], [Grid(f"{C1}009", "九", Level.GRID, plan[old].geometry, C1)])
    spot = plan[old].geometry.centroid
    homes = Points(np.array([spot.x]), np.array([spot.y]), np.array([42.0]))
    impact = compare(plan, after, metric_srid=4548, work={"households": homes})
    view = DiffView("演示区", Side(plan), Side(after), impact)
    page = open_html(draw_diff(view, make_base(), "zh", ASSETS)).page
    assert page.locator("#remark").inner_text() == "仅编码变更：户数 42，共 42。"
    assert page.locator("#rows").inner_text() == "1 项仅编码变更"
    assert page.locator("#legend .unit").inner_text() == "没有地块变更归属"
    assert page.locator("#legend .range").first.inner_text() == "仅编码变更"
    assert page.locator("#show-arrows").is_disabled()


def test_a_code_told_in_place_of_a_name_stays_beside_its_arrow(open_html):
    plan = make_plan()
    renamed = [replace(grid, code=f"{C1}00{i + 7}") for i, grid in enumerate(plan.children(C1))]
    after = plan.replacing([grid.code for grid in plan.children(C1)], renamed)
    view = DiffView("演示区", Side(plan), Side(after), compare(plan, after, metric_srid=4548))
    page = open_html(draw_diff(view, make_base(), "zh", ASSETS)).page
    told = page.locator("#table .pair span").nth(1)
    assert told.inner_text().startswith(f"→ {C1}00")
    assert told.evaluate("(span) => span.getClientRects().length && span.offsetHeight < 26")


def test_a_revision_that_began_within_a_day_is_told_with_its_time(open_html):
    late = replace(make_view().before, effective_from=datetime(2026, 1, 1, 3, 52, tzinfo=CHINA))
    html = draw_diff(replace(make_view(), before=late), make_base(), "zh", ASSETS)
    header = open_html(html).page.locator("#panel header").inner_text()
    assert "2026-01-01 03:52 起至 2026-12-01 前施行" in header


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_is_cut_off_and_axe_finds_no_fault(open_html, lang, size):
    policy = r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>"
    html = re.sub(policy, "", draw(lang))
    page = open_html(html, width=size[0], height=size[1]).page
    body = page.evaluate("[document.body.scrollWidth, document.body.scrollHeight]")
    assert body == list(size)
    wide = page.evaluate("""
        [...document.querySelectorAll('.panel *, .legend *')]
            .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
            .filter((e) => getComputedStyle(e).display !== 'inline')
            .map((e) => [e.tagName, e.className, e.textContent.slice(0, 40)])
    """)
    assert wide == []
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []


def test_a_page_of_its_own_links_to_nothing_and_a_served_one_to_us():
    alone = draw()
    assert "default-src 'none'" in alone.split("<script")[0]
    assert re.findall(r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="', alone) == []
    served = draw_diff(make_view(), make_base(), "zh", ServedAssets(plan=None))
    links = re.findall(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"]*)"', served)
    assert "/static/maps/diff.js" in links
    assert all(link.startswith(("/assets/", "/static/")) for link in links)
